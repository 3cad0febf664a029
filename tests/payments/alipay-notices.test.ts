import { createPrivateKey, createSign } from "node:crypto";
import { IMPOSTOR, SANDBOX_ALIPAY } from "../../mixins/sandbox/keys";
import { signedForm, type Params } from "../../services/sandbox/emulators/alipay.gateway";
import { alipayAt, Clock } from "./emulated-channels";

const clock = new Clock();
const channel = alipayAt("http://127.0.0.1:9", clock);
const alipayKey = createPrivateKey(SANDBOX_ALIPAY.platform.privateKey);
const { appId, sellerId } = SANDBOX_ALIPAY;

const aNotice = (changes: Params = {}): Params => ({
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
	Object.fromEntries(Object.entries(aNotice()).filter(([key]) => key !== name));
const signed = (params: Params, key = alipayKey) => signedForm(params, key);
const parse = (form: string) => channel.parseNotice(Buffer.from(form));
const rejected = (reason: string) => expect.objectContaining({ name: "NoticeRejected", reason });

describe("an Alipay notification", () => {
	it("is read when Alipay signed it", () => {
		expect(parse(signed(aNotice()))).toEqual({
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

	it.each(["100%折扣", "a+b c", "🎁 & more", "x&y", "%41", "=&=", "中文，标点"])(
		"may have %j for a subject",
		subject => {
			expect(parse(signed(aNotice({ subject })))).toMatchObject({ outcome: "paid" });
		}
	);

	it("verifies with its empty parameters, which Alipay signs too", () => {
		expect(parse(signed(aNotice({ body: "" })))).toMatchObject({ outcome: "paid" });
	});

	it.each([
		["TRADE_FINISHED", "paid"],
		["TRADE_CLOSED", "closed"],
		["WAIT_BUYER_PAY", "unpaid"]
	])("of a payment in %s says %s", (trade_status, outcome) => {
		expect(parse(signed(aNotice({ trade_status })))).toMatchObject({ kind: "payment", outcome });
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

			expect(parse(signed(aNotice(refund)))).toMatchObject({
				kind: "refund",
				refundNo: "R_1",
				amount: 10
			});
		}
	);

	it.each([
		["an impostor's", IMPOSTOR.privateKey],
		["the merchant's own", SANDBOX_ALIPAY.merchant.privateKey]
	])("is refused when signed with %s key", (_, key) => {
		expect(() => parse(signed(aNotice(), createPrivateKey(key)))).toThrow(rejected("signature"));
	});

	it("is refused when signed by SHA-1, whatever sign_type says", () => {
		const text = Object.entries(aNotice()).sort(([a], [b]) => (a < b ? -1 : 1));
		const sign = createSign("RSA-SHA1")
			.update(text.map(([name, value]) => `${name}=${value}`).join("&"))
			.sign(alipayKey, "base64");
		const as = (sign_type: string) => String(new URLSearchParams({ ...aNotice(), sign_type, sign }));

		expect(() => parse(as("RSA"))).toThrow(rejected("signature"));
		expect(() => parse(as("RSA2"))).toThrow(rejected("signature"));
	});

	it.each(["RSA", "XX", "", "rsa2", "none"])("is refused with sign_type=%s", sign_type => {
		const form = new URLSearchParams(signed(aNotice()));
		form.set("sign_type", sign_type);

		expect(() => parse(String(form))).toThrow(rejected("signature"));
	});

	it.each([
		["without a signature", (form: string) => form.replace(/&sign=[^&]*/, ""), "signature"],
		["without sign_type", (form: string) => form.replace(/&sign_type=[^&]*/, ""), "signature"],
		["with its signature as an array", (form: string) => form.replace("&sign=", "&sign[]="), "malformed"],
		["with a key given twice", (form: string) => `${form}&total_amount=0.10`, "malformed"],
		["with a parameter added", (form: string) => `${form}&extra=1`, "signature"],
		["with another amount", (form: string) => form.replace("=0.10", "=9.10"), "signature"],
		["as JSON", () => JSON.stringify(aNotice()), "malformed"],
		["empty", () => "", "malformed"]
	])("is refused %s", (_, change, reason) => {
		expect(() => parse(change(signed(aNotice())))).toThrow(rejected(reason));
	});

	it("is refused when its subject was cut into a larger total, though the signature still fits", () => {
		const subject = "x&total_amount=9999.00&total_amount2=";
		const sign =
			new URLSearchParams(signed(aNotice({ subject, total_amount: "0.01" }))).get("sign") ?? "";
		const cut = aNotice({
			subject: "x",
			total_amount: "9999.00",
			total_amount2: "&total_amount=0.01",
			sign_type: "RSA2",
			sign
		});

		expect(() => parse(String(new URLSearchParams(cut)))).toThrow(rejected("malformed"));
		expect(() => parse(signed(aNotice({ subject, total_amount: "0.01" })))).toThrow(
			rejected("malformed")
		);
	});

	it("is refused in another charset", () => {
		expect(() => parse(signed(aNotice({ charset: "gbk" })))).toThrow(rejected("malformed"));
	});

	it.each(["0.1", "1e3", "-0.10", "NaN", "１.００", "10", "", "0.100", "100,00"])(
		"is an anomaly with a total of %j",
		total_amount => {
			expect(() => parse(signed(aNotice({ total_amount })))).toThrow(rejected("anomaly"));
		}
	);

	it.each([
		["another app", { app_id: "9021000000000009" }],
		["another seller", { seller_id: "2088000000000009" }],
		["a status nobody knows", { trade_status: "TRADE_PENDING" }],
		["another kind of news", { notify_type: "batch_refund_notify" }],
		["a time that is none", { gmt_payment: "yesterday" }],
		["a refund without its number", { refund_fee: "0.05" }]
	])("is an anomaly for %s", (_, changes) => {
		expect(() => parse(signed(aNotice(changes)))).toThrow(rejected("anomaly"));
	});

	it.each(Object.keys(aNotice()).filter(name => name !== "subject" && name !== "charset"))(
		"is an anomaly without %s",
		name => {
			expect(() => parse(signed(without(name)))).toThrow(rejected("anomaly"));
		}
	);

	it("tells another currency, so that it can be compared", () => {
		expect(parse(signed(aNotice({ trans_currency: "USD" }))).currency).toBe("USD");
	});

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
