import { SANDBOX_WECHAT } from "../../../../infrastructure/sandbox-keys/keys";
import { PayingShop } from "../../../support/payments/paying-shop";
import { unchanged, changeBody, type Forgery } from "../../../support/payments/notification-writers";

let payingShop: PayingShop;
beforeAll(async () => {
	payingShop = await PayingShop.start();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => payingShop.shop.stop());

const header =
	(name: string, value: string): Forgery =>
	notification => ({
		...notification,
		headers: { ...notification.headers, [`wechatpay-${name}`]: value }
	});
const without =
	(name: string): Forgery =>
	notification => ({
		...notification,
		headers: Object.fromEntries(
			Object.entries(notification.headers).filter(([key]) => key !== `wechatpay-${name}`)
		)
	});

describe("a notification of WeChat Pay", () => {
	const { platformSerial } = SANDBOX_WECHAT;

	it("is rejected as a probe of WeChat's own [7]", async () => {
		await payingShop.expectRejected("wechat", header("signature", "WECHATPAY/SIGNTEST/c2lnbmF0dXJl"));
		await payingShop.expectRejected("wechat", notification =>
			header(
				"signature",
				`WECHATPAY/SIGNTEST/${notification.headers["wechatpay-signature"]}`
			)(notification)
		);
	});

	it.each(["__proto__", "constructor", "hasOwnProperty", "toString", "prototype"])(
		"is rejected when it names the key %s [9]",
		async serial => {
			await payingShop.expectRejected("wechat", unchanged, { serial });
		}
	);

	it("causes no request to the channel when it names an unknown key, a thousand times [8]", async () => {
		const { payment, expectUnchanged } = await payingShop.createUnpaidPayment("wechat");
		const genuine = payingShop.notificationWriters.wechat(payment);
		const fetched = jest.spyOn(globalThis, "fetch");

		const statuses = [];
		for (let n = 0; n < 1000; n++)
			statuses.push(
				await payingShop.postNotification(header("serial", `${platformSerial.slice(4)}${n}`)(genuine))
			);

		expect(statuses).toHaveLength(1000);
		expect(new Set(statuses)).toEqual(new Set([401]));
		const asked = fetched.mock.calls
			.map(([to]) => (to instanceof Request ? to.url : String(to)))
			.filter(url => url !== genuine.url);
		// Planned polls of payments go on meanwhile.
		expect(asked.filter(url => !/\/out-trade-no\/|\/gateway\.do/.test(url))).toEqual([]);
		await expectUnchanged();
	});

	it.each(["timestamp", "nonce", "serial", "signature"])(
		"is rejected without its %s, or with two of it [11, 19]",
		async name => {
			await payingShop.expectRejected("wechat", without(name));
			await payingShop.expectRejected("wechat", header(name, ""));
			await payingShop.expectRejected("wechat", notification => {
				const value = notification.headers[`wechatpay-${name}`] ?? "";
				return header(name, `${value}, ${value}`)(notification);
			});
		}
	);

	it("is rejected when its JSON was serialised again [5]", async () => {
		await payingShop.expectRejected(
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
		"is rejected and shown when %s does not fit, though the platform signed it [12]",
		async (_, changes) => {
			const { payment, expectUnchanged } = await payingShop.createUnpaidPayment("wechat");
			const before = await payingShop.listUnmatchedNotifications();
			const alert = jest.spyOn(payingShop.context.logger, "error");

			const status = await payingShop.postNotification(
				payingShop.notificationWriters.wechat(payment, changes)
			);

			expect(status).toBe(401);
			await expectUnchanged();
			const reason = "The resource cannot be opened";
			expect(alert).toHaveBeenCalledWith(
				{ code: "NOTIFICATION_UNMATCHED", channel: "wechat", paymentNo: null, reason },
				"A notification needs a person"
			);
			const [unmatched, ...rest] = await payingShop.listUnmatchedNotifications();
			expect(unmatched).toMatchObject({ channel: "wechat", paymentNo: null, reason });
			expect(rest).toEqual(before);
		}
	);
});
