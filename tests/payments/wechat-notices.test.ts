import { createPrivateKey } from "node:crypto";
import { IMPOSTOR, newKeyPair, SANDBOX_WECHAT } from "../../mixins/sandbox/keys";
import { WechatChannel } from "../../services/payments/channels/wechat";
import { sealedEvent, signedHeaders } from "../../services/sandbox/emulators/wechat.platform";
import { Clock, wechatAt } from "./emulated-channels";

const clock = new Clock();
const channel = wechatAt("http://127.0.0.1:9", clock);
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

const sealed = (content: object, type = "TRANSACTION.SUCCESS", key: string = apiV3Key) =>
	sealedEvent({ seed: "x", type, summary: "", resourceType: "transaction", content }, key, clock.now);
const headersOf = (body: string, key = platformKey, serial: string = platformSerial, now = clock.now) =>
	signedHeaders(body, { serial, key, now });
const parse = (body: string, headers: Record<string, string | string[]> = headersOf(body)) =>
	channel.parseNotice(Buffer.from(body), headers);
const rejected = (reason: string) => expect.objectContaining({ name: "NoticeRejected", reason });

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

	it.each([299, -299])("is read %d s away from now", seconds => {
		const body = sealed(transaction);
		const then = new Date(clock.now.getTime() + seconds * 1000);

		expect(parse(body, headersOf(body, platformKey, platformSerial, then))).toMatchObject({
			outcome: "paid"
		});
	});

	it.each([301, -301])("is stale %d s away from now", seconds => {
		const body = sealed(transaction);
		const then = new Date(clock.now.getTime() + seconds * 1000);

		expect(() => parse(body, headersOf(body, platformKey, platformSerial, then))).toThrow(
			rejected("stale")
		);
	});

	it.each([
		["an impostor's", IMPOSTOR.privateKey],
		["the merchant's own", SANDBOX_WECHAT.merchant.privateKey]
	])("is refused when signed with %s key", (_, key) => {
		const body = sealed(transaction);

		expect(() => parse(body, headersOf(body, createPrivateKey(key)))).toThrow(rejected("signature"));
	});

	it("is refused as a probe of WeChat's own", () => {
		const body = sealed(transaction);
		const probe = { ...headersOf(body), "wechatpay-signature": "WECHATPAY/SIGNTEST/c2lnbmF0dXJl" };

		expect(() => parse(body, probe)).toThrow(rejected("signature"));
	});

	it.each(["timestamp", "nonce", "serial", "signature"])(
		"is refused without Wechatpay-%s, or with two of it",
		part => {
			const body = sealed(transaction);
			const headers = headersOf(body);
			const name = `wechatpay-${part}`;
			const missing = Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
			const twice = { ...headers, [name]: [headers[name] ?? "", headers[name] ?? ""] };

			expect(() => parse(body, missing)).toThrow(rejected("malformed"));
			expect(() => parse(body, twice)).toThrow(rejected("malformed"));
		}
	);

	it.each(["__proto__", "constructor", "unknown"])("is refused when it names the key %s", serial => {
		const body = sealed(transaction);

		expect(() => parse(body, headersOf(body, platformKey, serial))).toThrow(rejected("serial"));
	});

	it("is read under the old and the new key while both are in use", () => {
		const next = newKeyPair();
		const options = {
			...wechatOptions(),
			platformPublicKeys: { OLD: SANDBOX_WECHAT.platform.publicKey, PUB_KEY_ID_NEW: next.publicKey }
		};
		const both = new WechatChannel(options);
		const body = sealed(transaction);
		const read = (serial: string, key: string) =>
			both.parseNotice(Buffer.from(body), headersOf(body, createPrivateKey(key), serial));

		expect(read("OLD", SANDBOX_WECHAT.platform.privateKey)).toMatchObject({ outcome: "paid" });
		expect(read("PUB_KEY_ID_NEW", next.privateKey)).toMatchObject({ outcome: "paid" });
		expect(() => read("OLD", next.privateKey)).toThrow(rejected("signature"));
	});

	it("is refused when its JSON was written anew", () => {
		const body = sealed(transaction);

		expect(() => parse(JSON.stringify(JSON.parse(body), null, 1), headersOf(body))).toThrow(
			rejected("signature")
		);
	});

	it.each(["ciphertext", "nonce", "associated_data", "algorithm"])(
		"is refused when %s differs from what was sealed",
		part => {
			const event = JSON.parse(sealed(transaction));
			const before: string = event.resource[part];
			event.resource[part] = before.replace(/^./, first => (first === "A" ? "B" : "A"));
			const body = JSON.stringify(event);

			expect(() => parse(body)).toThrow(rejected("decryption"));
		}
	);

	it.each(["{}", "null", "[]", "not json", '{"resource":null}', ""])(
		"is refused when its body is %j",
		body => {
			expect(() => parse(body)).toThrow(rejected("decryption"));
		}
	);

	it("is refused when sealed with another APIv3 key", () => {
		expect(() => parse(sealed(transaction, "TRANSACTION.SUCCESS", "x".repeat(32)))).toThrow(
			rejected("decryption")
		);
	});

	it.each([
		["another app", { ...transaction, appid: "wx1" }, "TRANSACTION.SUCCESS"],
		["another merchant", { ...transaction, mchid: "1" }, "TRANSACTION.SUCCESS"],
		["a state that is no success", { ...transaction, trade_state: "NOTPAY" }, "TRANSACTION.SUCCESS"],
		[
			"an amount in text",
			{ ...transaction, amount: { total: "10", currency: "CNY" } },
			"TRANSACTION.SUCCESS"
		],
		[
			"a fraction of a fen",
			{ ...transaction, amount: { total: 0.1, currency: "CNY" } },
			"TRANSACTION.SUCCESS"
		],
		[
			"a negative amount",
			{ ...transaction, amount: { total: -10, currency: "CNY" } },
			"TRANSACTION.SUCCESS"
		],
		["no currency", { ...transaction, amount: { total: 10 } }, "TRANSACTION.SUCCESS"],
		["a refund's event with a payment", transaction, "REFUND.SUCCESS"],
		["a payment's event with a refund", refund, "TRANSACTION.SUCCESS"],
		["an event that contradicts its status", refund, "REFUND.CLOSED"],
		["an event nobody knows", transaction, "TRANSACTION.REVOKED"],
		["no content", {}, "TRANSACTION.SUCCESS"]
	])("is an anomaly for %s", (_, content, type) => {
		expect(() => parse(sealed(content, type))).toThrow(rejected("anomaly"));
	});

	it("tells another currency, so that it can be compared", () => {
		const body = sealed({ ...transaction, amount: { total: 10, currency: "USD" } });

		expect(parse(body).currency).toBe("USD");
	});

	it("is acknowledged by an empty 204, refused by a FAIL", () => {
		expect(channel.acknowledge("ok")).toEqual({ status: 204, contentType: "application/json", body: "" });
		expect(channel.acknowledge("rejected").status).toBe(401);
		expect(channel.acknowledge("unavailable").status).toBe(503);
		expect(JSON.parse(channel.acknowledge("rejected").body)).toMatchObject({ code: "FAIL" });
	});
});

const wechatOptions = () => ({
	baseUrl: "http://127.0.0.1:9",
	appId,
	merchantId,
	merchantSerial: SANDBOX_WECHAT.merchantSerial,
	merchantPrivateKey: SANDBOX_WECHAT.merchant.privateKey,
	notifyUrl: "http://shop.example/notify",
	returnUrl: "http://shop.example/",
	apiV3Key,
	clock: clock.read,
	timeoutMs: 1000
});
