import { clearSmsPause, newPhone, outcomeOf, startAccounts } from "../../support/people";
import type { Shop } from "../../support/shop";
import { SmsServer } from "../../support/sms-server";

let sms: SmsServer;
let shop: Shop;
const logged: unknown[] = [];
beforeAll(async () => {
	sms = await SmsServer.start();
	shop = await startAccounts({ ...sms.env("aliyun", "tencent", "webhook"), REQUEST_TIMEOUT_MS: "30000" });
	const { logger } = shop.broker.getLocalService("auth") as unknown as { logger: Record<string, unknown> };
	logger["warn"] = (...args: unknown[]) => logged.push(args);
});
afterAll(async () => {
	await shop.stop();
	await sms.stop();
});
beforeEach(() => {
	Object.assign(sms.behaviours, { aliyun: "accept", tencent: "accept", webhook: "accept" });
	logged.length = 0;
});

const ask = (phone: string, purpose = "register") =>
	shop.http("POST", "/auth/sms-codes", { body: { phone, purpose } });
const fails = { code: "isv.AMOUNT_NOT_ENOUGH" };

it.each([
	["aliyun", {}, "SMS_1", "SMS_2"],
	["tencent", { aliyun: fails }, "11", "12"],
	["webhook", { aliyun: { status: 500, code: "x" }, tencent: fails }, "register", "login"]
])(
	"sends a code by %s, which checks the signature, by the template of its purpose",
	async (name, others, ...templates) => {
		Object.assign(sms.behaviours, others);
		const phone = newPhone();

		const sent = await ask(phone);
		const forLogin = await ask(newPhone(), "login");

		const [first, second] = sms.messages.slice(-2);
		expect([outcomeOf(sent), outcomeOf(forLogin)]).toEqual(["200 OK", "200 OK"]);
		expect([first?.provider, second?.provider]).toEqual([name, name]);
		expect([first?.template, second?.template]).toEqual(templates);
		expect(first?.phone.endsWith(phone)).toBe(true);
		const registered = await shop.http("POST", "/auth/register", {
			body: { phone, smsCode: first?.code, password: "Tea-and-rice-9" }
		});
		expect(registered.status).toBe(201);
	}
);

it("goes on to the next provider when one does not answer, and logs neither phone nor code", async () => {
	sms.behaviours.aliyun = "hang";
	const phone = newPhone();

	const sent = await ask(phone);

	const message = sms.messages.at(-1);
	expect([outcomeOf(sent), message?.provider]).toEqual(["200 OK", "tencent"]);
	expect(JSON.stringify(logged)).toContain('"aliyun","reason":"timeout"');
	expect(JSON.stringify(logged)).not.toContain(phone);
	expect(JSON.stringify(logged)).not.toContain(message?.code);
});

it("does not offer a message to a second provider when the first one says that the phone gets none, or too many", async () => {
	sms.behaviours.aliyun = { code: "isv.MOBILE_NUMBER_ILLEGAL" };
	const unreachable = await ask(newPhone());
	sms.behaviours.aliyun = { code: "isv.BUSINESS_LIMIT_CONTROL" };
	const before = sms.messages.length;
	const tooMany = await ask(newPhone());

	expect(outcomeOf(unreachable)).toBe("400 VALIDATION_ERROR");
	expect(unreachable.body.data).toEqual([expect.objectContaining({ field: "phone", type: "unreachable" })]);
	expect([outcomeOf(tooMany), tooMany.headers.get("retry-after")]).toEqual(["429 TOO_MANY_REQUESTS", "60"]);
	expect(sms.messages).toHaveLength(before);
});

it("answers 503 when no provider takes the message", async () => {
	Object.assign(sms.behaviours, { aliyun: fails, tencent: fails, webhook: { status: 500, code: "x" } });

	const failed = await ask(newPhone());

	expect([outcomeOf(failed), failed.headers.get("retry-after")]).toEqual(["503 SERVICE_UNAVAILABLE", "60"]);
	expect(logged).toHaveLength(3);
});

it("keeps messages for those who have an account, and tells nobody who has one", async () => {
	const token = await shop.asAdmin();
	const path = "/admin/config/sms.strangersDailyBudget";
	await shop.http("PUT", path, { token, body: { value: 0 } });
	const phone = newPhone();
	const before = sms.messages.length;

	const registering = await ask(phone);
	await clearSmsPause(shop, phone);
	const withoutAccount = await ask(phone, "login");
	const withAccount = await ask("13900000000", "login");
	await shop.http("PUT", path, { token, body: { value: 10_000 } });

	expect([registering, withoutAccount, withAccount].map(outcomeOf)).toEqual([
		"429 TOO_MANY_REQUESTS",
		"200 OK",
		"200 OK"
	]);
	expect(withoutAccount.body.data).toEqual(withAccount.body.data);
	expect(sms.messages.slice(before).map(message => message.phone.slice(-11))).toEqual(["13900000000"]);
});

it("sends no more messages a day than the budget allows", async () => {
	const token = await shop.asAdmin();
	const path = "/admin/config/sms.dailyBudget";
	await shop.http("PUT", path, { token, body: { value: 0 } });
	const before = sms.messages.length;

	const refused = await shop.http("POST", "/auth/sms-codes", {
		body: { phone: newPhone(), purpose: "register" }
	});

	expect(outcomeOf(refused)).toBe("429 TOO_MANY_REQUESTS");
	expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(60);
	expect(sms.messages).toHaveLength(before);
});
