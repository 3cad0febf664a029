import { createPrivateKey } from "node:crypto";
import { SANDBOX_WECHAT } from "../../../infrastructure/sandbox-keys/keys";
import { encryptEvent, signHeaders } from "../../../services/sandbox/emulators/wechat/platform";
import { Clock, createWechatClient } from "../../support/payments/emulated-channels";

const clock = new Clock();
const channel = createWechatClient("http://127.0.0.1:9", clock);
const { appId, merchantId, platformSerial, apiV3Key } = SANDBOX_WECHAT;
const platformKey = createPrivateKey(SANDBOX_WECHAT.platform.privateKey);

const transaction = {
	appid: appId,
	mchid: merchantId,
	out_trade_no: "PAY_000001",
	transaction_id: "4200000000000000000000000001",
	trade_state: "SUCCESS",
	success_time: "2026-01-31T16:00:00+08:00",
	amount: { total: 10, currency: "CNY" }
};
const refund = {
	mchid: merchantId,
	out_trade_no: "PAY_000001",
	transaction_id: "4200000000000000000000000001",
	out_refund_no: "R_1",
	refund_status: "SUCCESS",
	amount: { total: 10, refund: 4 }
};

const sealed = (content: object, type = "TRANSACTION.SUCCESS") =>
	encryptEvent({ seed: "x", type, summary: "", resourceType: "transaction", content }, apiV3Key, clock.now);
const parse = (body: string) => {
	const sign = { serial: platformSerial, key: platformKey, now: clock.now };
	return channel.parseNotification(Buffer.from(body), signHeaders(body, sign));
};
const rejected = (reason: string) => expect.objectContaining({ name: "NotificationRejected", reason });

describe("a WeChat Pay notification", () => {
	it("is read when the platform signed it", () => {
		expect(parse(sealed(transaction))).toEqual({
			kind: "payment",
			outcome: "paid",
			eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
			paymentNo: "PAY_000001",
			amount: 10,
			currency: "CNY",
			channelTxnId: "4200000000000000000000000001",
			paidAt: new Date("2026-01-31T08:00:00Z")
		});
	});

	it.each([
		["SUCCESS", "refunded"],
		["ABNORMAL", "abnormal"],
		["CLOSED", "closed"]
	])("of a refund in %s says %s", (refund_status, outcome) => {
		const body = sealed({ ...refund, refund_status }, `REFUND.${refund_status}`);

		expect(parse(body)).toMatchObject({
			kind: "refund",
			refundNo: "R_1",
			outcome,
			refundAmount: 4,
			amount: 10
		});
	});

	it.each(["{}", "null", "[]", "not json", '{"resource":null}', ""])(
		"is refused when its body is %j",
		body => {
			expect(() => parse(body)).toThrow(rejected("decryption"));
		}
	);

	it.each([
		["a state that is no success", { ...transaction, trade_state: "NOTPAY" }, "TRANSACTION.SUCCESS"],
		["no currency", { ...transaction, amount: { total: 10 } }, "TRANSACTION.SUCCESS"],
		["a refund's event with a payment", transaction, "REFUND.SUCCESS"],
		["a payment's event with a refund", refund, "TRANSACTION.SUCCESS"],
		["an event that contradicts its status", refund, "REFUND.CLOSED"],
		["an event nobody knows", transaction, "TRANSACTION.REVOKED"],
		["no content", {}, "TRANSACTION.SUCCESS"]
	])("is an anomaly for %s", (_, content, type) => {
		expect(() => parse(sealed(content, type))).toThrow(rejected("anomaly"));
	});

	it("is acknowledged by an empty 204, refused by a FAIL", () => {
		expect(channel.acknowledge("ok")).toEqual({ status: 204, contentType: "application/json", body: "" });
		expect(channel.acknowledge("rejected").status).toBe(401);
		expect(channel.acknowledge("unavailable").status).toBe(503);
		expect(JSON.parse(channel.acknowledge("rejected").body)).toMatchObject({ code: "FAIL" });
	});
});
