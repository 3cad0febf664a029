import { createPrivateKey } from "node:crypto";
import { SANDBOX_ALIPAY } from "../../../infrastructure/sandbox-keys/keys";
import { signForm, type Params } from "../../../services/sandbox/emulators/alipay/gateway";
import { createAlipayClient, Clock } from "../../support/payments/emulated-channels";

const clock = new Clock();
const channel = createAlipayClient("http://127.0.0.1:9", clock);
const alipayKey = createPrivateKey(SANDBOX_ALIPAY.platform.privateKey);
const { appId, sellerId } = SANDBOX_ALIPAY;

const aNotification = (changes: Params = {}): Params => ({
	app_id: appId,
	seller_id: sellerId,
	charset: "utf-8",
	notify_type: "trade_status_sync",
	notify_id: "n1",
	out_trade_no: "PAY_000001",
	trade_no: "2088000000000000000000000001",
	subject: "zjMall",
	total_amount: "0.10",
	trade_status: "TRADE_SUCCESS",
	gmt_payment: "2026-01-31 16:00:00",
	...changes
});
const without = (name: string) =>
	Object.fromEntries(Object.entries(aNotification()).filter(([key]) => key !== name));
const signed = (params: Params) => signForm(params, alipayKey);
const parse = (form: string) => channel.parseNotification(Buffer.from(form));
const rejected = (reason: string) => expect.objectContaining({ name: "NotificationRejected", reason });

describe("an Alipay notification", () => {
	it("is read when Alipay signed it", () => {
		expect(parse(signed(aNotification()))).toEqual({
			kind: "payment",
			outcome: "paid",
			eventId: "n1",
			paymentNo: "PAY_000001",
			amount: 10,
			currency: "CNY",
			channelTxnId: "2088000000000000000000000001",
			paidAt: new Date("2026-01-31T08:00:00Z")
		});
	});

	it("verifies with its empty parameters, which Alipay signs too", () => {
		expect(parse(signed(aNotification({ body: "" })))).toMatchObject({ outcome: "paid" });
	});

	it.each([
		["TRADE_FINISHED", "paid"],
		["TRADE_CLOSED", "closed"],
		["WAIT_BUYER_PAY", "unpaid"]
	])("of a payment in %s says %s", (trade_status, outcome) => {
		expect(parse(signed(aNotification({ trade_status })))).toMatchObject({ kind: "payment", outcome });
	});

	it.each(["TRADE_SUCCESS", "TRADE_CLOSED"])(
		"of a refund (%s) is no second payment and no time-out",
		trade_status => {
			const refund = {
				trade_status,
				refund_fee: "0.05",
				gmt_refund: "2026-01-31 16:10:00.000",
				out_biz_no: "R_1"
			};

			expect(parse(signed(aNotification(refund)))).toMatchObject({
				kind: "refund",
				refundNo: "R_1",
				amount: 10
			});
		}
	);

	it("is refused in another charset", () => {
		expect(() => parse(signed(aNotification({ charset: "gbk" })))).toThrow(rejected("malformed"));
	});

	it.each([
		["a status nobody knows", { trade_status: "TRADE_PENDING" }],
		["another type of notification", { notify_type: "batch_refund_notify" }],
		["a time that is none", { gmt_payment: "yesterday" }],
		["a refund without its number", { refund_fee: "0.05" }]
	])("is an anomaly for %s", (_, changes) => {
		expect(() => parse(signed(aNotification(changes)))).toThrow(rejected("anomaly"));
	});

	it.each(Object.keys(aNotification()).filter(name => name !== "subject" && name !== "charset"))(
		"is an anomaly without %s",
		name => {
			expect(() => parse(signed(without(name)))).toThrow(rejected("anomaly"));
		}
	);

	it("is acknowledged by the bare word success", () => {
		expect(channel.acknowledge("ok")).toEqual({
			status: 200,
			contentType: "text/plain",
			body: "success"
		});
		expect(channel.acknowledge("rejected")).toMatchObject({ status: 401, body: "failure" });
		expect(channel.acknowledge("unavailable")).toMatchObject({ status: 503, body: "failure" });
	});
});
