import { SANDBOX_WECHAT } from "../../../../infrastructure/sandbox-keys/keys";
import { PayingShop } from "../../../support/payments/paying-shop";
import { unchanged, changeBody, type Forgery } from "../../../support/payments/notification-writers";

let counter: PayingShop;
beforeAll(async () => {
	counter = await PayingShop.open();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => counter.shop.stop());

const header =
	(name: string, value: string): Forgery =>
	notice => ({
		...notice,
		headers: { ...notice.headers, [`wechatpay-${name}`]: value }
	});
const without =
	(name: string): Forgery =>
	notice => ({
		...notice,
		headers: Object.fromEntries(
			Object.entries(notice.headers).filter(([key]) => key !== `wechatpay-${name}`)
		)
	});

describe("a notice of WeChat Pay", () => {
	const { platformSerial } = SANDBOX_WECHAT;

	it("is turned away as a probe of WeChat's own [7]", async () => {
		await counter.expectRejected("wechat", header("signature", "WECHATPAY/SIGNTEST/c2lnbmF0dXJl"));
		await counter.expectRejected("wechat", notice =>
			header("signature", `WECHATPAY/SIGNTEST/${notice.headers["wechatpay-signature"]}`)(notice)
		);
	});

	it.each(["__proto__", "constructor", "hasOwnProperty", "toString", "prototype"])(
		"is turned away when it names the key %s [9]",
		async serial => {
			await counter.expectRejected("wechat", unchanged, { serial });
		}
	);

	it("makes the shop ask nobody when it names an unknown key, a thousand times [8]", async () => {
		const { payment, untouched } = await counter.unpaidOrder("wechat");
		const genuine = counter.notificationWriters.wechat(payment);
		const fetched = jest.spyOn(globalThis, "fetch");

		const statuses = [];
		for (let n = 0; n < 1000; n++)
			statuses.push(await counter.post(header("serial", `${platformSerial.slice(4)}${n}`)(genuine)));

		expect(statuses).toHaveLength(1000);
		expect(new Set(statuses)).toEqual(new Set([401]));
		const asked = fetched.mock.calls
			.map(([to]) => (to instanceof Request ? to.url : String(to)))
			.filter(url => url !== genuine.url);
		// The plan goes on meanwhile: of payments it may ask.
		expect(asked.filter(url => !/\/out-trade-no\/|\/gateway\.do/.test(url))).toEqual([]);
		await untouched();
	}, 60_000);

	it.each(["timestamp", "nonce", "serial", "signature"])(
		"is turned away without its %s, or with two of it [11, 19]",
		async name => {
			await counter.expectRejected("wechat", without(name));
			await counter.expectRejected("wechat", header(name, ""));
			await counter.expectRejected("wechat", notice => {
				const value = notice.headers[`wechatpay-${name}`] ?? "";
				return header(name, `${value}, ${value}`)(notice);
			});
		}
	);

	it("is turned away when its JSON was written anew [5]", async () => {
		await counter.expectRejected(
			"wechat",
			changeBody(text => JSON.stringify(JSON.parse(text), null, 1))
		);
	});

	const altered = (part: string) => (text: string) => {
		const event = JSON.parse(text) as { resource: Record<string, string> };
		const before = event.resource[part] ?? "";
		const last = part === "ciphertext" ? -4 : -1;
		const changed =
			before.slice(0, last) + (before.at(last) === "A" ? "B" : "A") + before.slice(last).slice(1);
		return JSON.stringify({ ...event, resource: { ...event.resource, [part]: changed } });
	};
	it.each([
		["its tag", { body: altered("ciphertext") }],
		["its context", { body: altered("associated_data") }],
		["its nonce", { body: altered("nonce") }],
		["its algorithm", { body: altered("algorithm") }],
		["the key that sealed it", { apiV3Key: "x".repeat(32) }],
		["what it seals", { body: () => "{}" }]
	])(
		"is turned away and shown when %s does not fit, though the platform signed it [12]",
		async (_, changes) => {
			const { payment, untouched } = await counter.unpaidOrder("wechat");
			const before = await counter.unmatchedNotifications();
			const alert = jest.spyOn(counter.context.logger, "error");

			const status = await counter.post(counter.notificationWriters.wechat(payment, changes));

			expect(status).toBe(401);
			await untouched();
			const what = "The resource cannot be opened";
			expect(alert).toHaveBeenCalledWith(
				{ channel: "wechat", paymentNo: null, what },
				"A notification needs a person"
			);
			const [odd, ...rest] = await counter.unmatchedNotifications();
			expect(odd).toMatchObject({ channel: "wechat", paymentNo: null, what });
			expect(rest).toEqual(before);
		}
	);
});
