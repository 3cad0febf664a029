import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AlipayChannel } from "../../../services/payments/channels/alipay/alipay-channel";
import { parsePublicKey, verifyRsa } from "../../../services/payments/channels/protocol/rsa";
import { parseWechatBill } from "../../../services/payments/channels/wechat/protocol/bill";
import {
	decryptAesGcm,
	decryptResource
} from "../../../services/payments/channels/wechat/protocol/encryption";
import { findSignatureFault } from "../../../services/payments/channels/wechat/protocol/signing";
import { SANDBOX_ALIPAY } from "../../../infrastructure/sandbox-keys/keys";
import alipay from "./vectors/alipay.json";
import wechat from "./vectors/wechat.json";
import wycheproof from "./vectors/wycheproof.json";

/** Test vectors from other projects, which can't share a mistake with this code. Sources: vectors/README.md. */
const hex = (text: string) => Buffer.from(text, "hex");
type Vector = { readonly tcId: number; readonly comment: string; readonly flags: readonly string[] };
/** One row a vector, so that a failure shows every difference. */
const tableOf = <V extends Vector, Row>(vectors: readonly V[], row: (vector: V) => Row) =>
	Object.fromEntries(
		vectors.map(vector => [`${vector.tcId} ${vector.flags.join()}: ${vector.comment}`, row(vector)])
	);

describe("Wycheproof's AES-GCM", () => {
	const { aesGcm } = wycheproof;

	it("is decrypted if it is valid, and refused otherwise", () => {
		const opened = tableOf(aesGcm, ({ key, iv, aad, ct, tag }) =>
			decryptAesGcm(Buffer.concat([hex(ct), hex(tag)]), {
				nonce: hex(iv),
				aad: hex(aad),
				key: hex(key)
			})?.toString("hex")
		);

		// WeChat's nonce has 12 bytes: any other is refused, however valid
		const sound = tableOf(aesGcm, ({ iv, msg, result }) =>
			result === "valid" && hex(iv).length === 12 ? msg : undefined
		);
		expect(opened).toEqual(sound);
	});

	it("was not all refused", () => {
		const results = aesGcm.map(({ result, iv }) => `${result} ${iv.length / 2}`);

		expect(results.filter(one => one === "valid 12").length).toBeGreaterThan(30);
		expect(results.filter(one => one === "invalid 12").length).toBeGreaterThan(20);
	});
});

it.each(wycheproof.rsaSha256.map(group => [group.tests[0]?.comment || "RSA", group] as const))(
	"Wycheproof's RSA PKCS#1 v1.5 (%s) is verified where it is valid, and nowhere else",
	(_, { publicKey, tests }) => {
		const verified = tableOf(tests, ({ msg, sig }) =>
			verifyRsa(hex(msg), hex(sig).toString("base64"), parsePublicKey(publicKey))
		);

		expect(verified).toEqual(tableOf(tests, ({ result }) => result === "valid"));
	}
);

describe("a notification of Alipay's own", () => {
	const { notification } = alipay;
	const channel = new AlipayChannel({
		baseUrl: "https://openapi.alipay.com",
		appId: notification.app_id,
		merchantId: notification.seller_id,
		notifyUrl: "https://shop.example/notify",
		returnUrl: "https://shop.example/",
		clock: () => new Date(),
		timeoutMs: 1000,
		merchantPrivateKey: SANDBOX_ALIPAY.merchant.privateKey,
		alipayPublicKeys: [alipay.publicKey]
	});
	const parse = (form: Record<string, string>) =>
		channel.parseNotification(Buffer.from(String(new URLSearchParams(form))));

	it("is read", () => {
		expect(parse(notification)).toEqual({
			kind: "payment",
			outcome: "paid",
			eventId: "2019081500222155624068450559358070",
			paymentNo: "20190815155618536-564-57",
			amount: 10,
			currency: "CNY",
			channelTxnId: "2019081522001468450512505578",
			paidAt: new Date("2019-08-15T07:56:24Z")
		});
	});

	it.each(Object.keys(notification).filter(name => name !== "sign_type"))(
		"is refused with another %s",
		name => {
			const altered: Record<string, string> = { ...notification };
			altered[name] = `1${altered[name]}`;

			expect(() => parse(altered)).toThrow(
				expect.objectContaining({
					name: "NotificationRejected",
					reason: expect.stringMatching(/^(signature|malformed)$/)
				})
			);
		}
	);
});

describe("what WeChat Pay's own SDKs signed, encrypted and wrote", () => {
	const { publicKey, signed, notification, sealed } = wechat;
	const keys = new Map([["D7CE59D1F522D701", parsePublicKey(publicKey)]]);
	const now = new Date("2021-06-24T08:37:26Z");
	const headers: Record<string, string> = notification.headers;
	const breach = (body = notification.body, changes: Record<string, string> = {}) =>
		findSignatureFault(
			{ header: name => ({ ...headers, ...changes })[name], body: Buffer.from(body) },
			keys,
			now
		)?.reason;

	it("is verified: a text", () => {
		expect(verifyRsa(signed.message, signed.signature, parsePublicKey(publicKey))).toBe(true);
		expect(verifyRsa("Source", signed.signature, parsePublicKey(publicKey))).toBe(false);
	});

	it("is verified: a notification, and none that was altered", () => {
		expect(breach()).toBeUndefined();
		expect(breach(notification.body.replace("签约成功", "签约失败"))).toBe("signature");
		expect(breach(notification.body, { "wechatpay-nonce": "x" })).toBe("signature");
		expect(breach(notification.body, { "wechatpay-timestamp": "1624523847" })).toBe("signature");
		expect(breach(notification.body, { "wechatpay-timestamp": "1624520000" })).toBe("stale");
	});

	it("is decrypted, and only with its key", () => {
		expect(decryptResource(sealed.resource, Buffer.from(sealed.key))).toBe(sealed.text);
		expect(decryptResource(sealed.resource, Buffer.from(sealed.key.toLowerCase()))).toBeUndefined();
	});

	it("is read: a trade bill", () => {
		const text = readFileSync(join(__dirname, "vectors/wechat-bill.csv"), "utf8");

		expect(parseWechatBill(text)).toEqual([
			{
				kind: "refund",
				paymentNo: "autotest_20190216081946_82335",
				refundNo: "REF4200000263201902167700963919",
				amount: 1
			},
			{ kind: "payment", paymentNo: "autotest_20190219015232_89201", refundNo: null, amount: 3 },
			{ kind: "payment", paymentNo: "autotest_20190219185337_56967", refundNo: null, amount: 3 }
		]);
	});
});
