import { Aes, Formatter, Rsa } from "wechatpay-axios-plugin";
import { IMPOSTOR, SANDBOX_WECHAT } from "../../../infrastructure/sandbox-keys/keys";
import type {
	EmulatorRequest,
	NotificationRequest
} from "../../../services/sandbox/emulators/channel-emulator";
import {
	aPaymentRequest,
	startWechat,
	startServer,
	createWechatClient,
	type EmulatedChannel
} from "../../support/payments/emulated-channels";

/** A public SDK verifies and decrypts what our emulator and our client sign and encrypt, and the other way round. */
const { appId, merchantId, merchantSerial, merchant, platform, platformSerial, apiV3Key } = SANDBOX_WECHAT;
let at: EmulatedChannel;
beforeAll(async () => {
	at = await startWechat();
});
afterAll(() => at.stop());
afterEach(() => jest.restoreAllMocks());

async function paid(): Promise<{ paymentNo: string; notification: NotificationRequest }> {
	const session = aPaymentRequest(at.clock);
	await at.channel.create(session);
	const result = await at.emulator.pay(session.paymentNo, "success");
	if (!("notification" in result)) throw new Error(`Not paid: ${result.outcome}`);
	return { paymentNo: session.paymentNo, notification: result.notification };
}

/** Verifies the platform's signature and decrypts the content with the SDK. */
function genuine({ headers, body }: NotificationRequest): boolean {
	const [timestamp = "", nonce, signature = ""] = ["timestamp", "nonce", "signature"].map(
		name => headers[`wechatpay-${name}`]
	);
	return Rsa.verify(Formatter.response(timestamp, nonce ?? "", body), signature, platform.publicKey);
}
function opened({ body }: NotificationRequest): unknown {
	const { ciphertext, nonce, associated_data: aad } = JSON.parse(body).resource;
	return JSON.parse(Aes.AesGcm.decrypt(ciphertext, apiV3Key, nonce, aad));
}

describe("a WeChat Pay SDK and our emulator's notifications", () => {
	it("accepts and decrypts the notification of a payment and of a refund", async () => {
		const { paymentNo, notification } = await paid();
		at.notifications.length = 0;
		await at.channel.refund({ paymentNo, refundNo: "R_1", amount: 345, total: 12_345, reason: "破损" });

		const sent = [notification, ...at.notifications];

		expect(sent.map(genuine)).toEqual([true, true]);
		expect(sent.map(opened)).toMatchObject([
			{ appid: appId, mchid: merchantId, out_trade_no: paymentNo, trade_state: "SUCCESS" },
			{ out_refund_no: "R_1", refund_status: "SUCCESS", amount: { refund: 345, total: 12_345 } }
		]);
	});

	it("rejects a forged one, and an altered one", async () => {
		const { paymentNo, notification } = await paid();
		const forged = await at.emulator.paymentNotification(paymentNo, { forged: true });
		const { headers, body } = notification;
		const altered = ["wechatpay-timestamp", "wechatpay-nonce"].map(name => ({
			...notification,
			headers: { ...headers, [name]: `${headers[name]}1` }
		}));
		const rewritten = { ...notification, body: body.replace('"summary":', '"summary" :') };

		expect(genuine(notification)).toBe(true);
		for (const wrong of [...altered, rewritten, forged]) expect(wrong && genuine(wrong)).toBe(false);
		const alter = (_: string, head: string, first: string) => head + (first === "A" ? "B" : "A");
		expect(() => opened({ ...notification, body: body.replace(/("ciphertext":")(.)/, alter) })).toThrow();
	});
});

describe("our client and a WeChat Pay SDK", () => {
	it("sign each of the shop's calls alike, to the last character", async () => {
		const handle = jest.spyOn(at.emulator, "handle");
		const { paymentNo } = await paid();
		const refund = { paymentNo, refundNo: "R_2", amount: 1, total: 12_345, reason: "100% “坏”" };
		await at.channel.create(aPaymentRequest(at.clock, { scene: "wap" }));
		await at.channel.query(paymentNo);
		await at.channel.close(paymentNo);
		await at.channel.refund(refund);
		await at.channel.queryRefund(refund);
		await at.channel.bill("2026-01-31");

		const requests = handle.mock.calls.map(([request]) => request);

		expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
			"POST /v3/pay/transactions/native",
			"POST /v3/pay/transactions/h5",
			`GET /v3/pay/transactions/out-trade-no/${paymentNo}`,
			`POST /v3/pay/transactions/out-trade-no/${paymentNo}/close`,
			`GET /v3/pay/transactions/out-trade-no/${paymentNo}`,
			"POST /v3/refund/domestic/refunds",
			"GET /v3/refund/domestic/refunds/R_2",
			"GET /v3/bill/tradebill",
			"GET /v3/billdownload/file"
		]);
		for (const request of requests)
			expect(partsOf(request.headers["authorization"])).toEqual(bySdk(request));
	});

	it("sign the parameters for the client alike, as its documents define them", async () => {
		const paramsFor = async (scene: "jsapi" | "mini" | "app") => {
			const created = await at.channel.create(aPaymentRequest(at.clock, { scene, openid: "buyer-1" }));
			return created.outcome === "created" ? (created.action.params ?? {}) : {};
		};
		const [jsapi, mini, app] = await Promise.all([
			paramsFor("jsapi"),
			paramsFor("mini"),
			paramsFor("app")
		]);

		for (const { appId: app_id = "", timeStamp = "", nonceStr = "", paySign = "", ...rest } of [
			jsapi,
			mini
		]) {
			const message = Formatter.joinedByLineFeed(app_id, timeStamp, nonceStr, rest["package"] ?? "");
			expect(Rsa.verify(message, paySign, merchant.publicKey)).toBe(true);
			expect([app_id, rest["signType"]]).toEqual([appId, "RSA"]);
		}
		const { appid = "", timestamp = "", noncestr = "", prepayid = "", sign = "" } = app;
		const message = Formatter.joinedByLineFeed(appid, timestamp, noncestr, prepayid);
		expect(Rsa.verify(message, sign, merchant.publicKey)).toBe(true);
		expect([app["partnerid"], app["package"]]).toEqual([merchantId, "Sign=WXPay"]);
	});

	it.each([
		["the platform's", platform.privateKey, { outcome: "unpaid" }],
		["somebody else's", IMPOSTOR.privateKey, { outcome: "unknown", cause: "unsigned" }]
	])("an answer signed by the SDK with %s key has that outcome", async (_, key, expected) => {
		const body = JSON.stringify({
			appid: appId,
			mchid: merchantId,
			out_trade_no: "PAY_0000",
			trade_state: "NOTPAY"
		});
		const { baseUrl, stop } = await startServer((_request, response) =>
			response.writeHead(200, signedBySdk(body, key)).end(body)
		);

		const answer = await createWechatClient(baseUrl, at.clock).query("PAY_0000");
		await stop();

		expect(answer).toMatchObject(expected);
	});

	it("a notification encrypted and signed by the SDK is read, and only with the right keys", () => {
		const open = (sealedWith: string, key: string) => {
			const body = sealedBySdk(sealedWith);
			return () => at.channel.parseNotification(Buffer.from(body), signedBySdk(body, key));
		};
		const rejected = (reason: string) =>
			expect.objectContaining({ name: "NotificationRejected", reason });

		expect(open(apiV3Key, platform.privateKey)()).toMatchObject({
			outcome: "paid",
			paymentNo: "PAY_000001",
			amount: 10
		});
		expect(open(apiV3Key, IMPOSTOR.privateKey)).toThrow(rejected("signature"));
		expect(open("x".repeat(32), platform.privateKey)).toThrow(rejected("decryption"));
	});
});

const partsOf = (authorization: unknown) => {
	const [scheme, list = ""] = String(authorization).split(/ (.*)/);
	return {
		scheme,
		...Object.fromEntries([...list.matchAll(/(\w+)="([^"]*)"/g)].map(([, k, v]) => [k, v]))
	};
};

/** The authorization that the SDK gives the same request at the same moment with the same nonce. */
function bySdk({ method, path, query, rawBody, headers }: EmulatorRequest) {
	const { timestamp = "", nonce_str = "" } = partsOf(headers["authorization"]) as Record<string, string>;
	const target = query ? `${path}?${query}` : path;
	const message = Formatter.request(method, target, timestamp, nonce_str, rawBody.toString());
	const signature = Rsa.sign(message, merchant.privateKey);
	return partsOf(Formatter.authorization(merchantId, nonce_str, signature, timestamp, merchantSerial));
}

function signedBySdk(body: string, key: string): Record<string, string> {
	const [timestamp, nonce] = [at.clock.now.getTime() / 1000, Formatter.nonce()];
	return {
		"wechatpay-timestamp": String(timestamp),
		"wechatpay-nonce": nonce,
		"wechatpay-serial": platformSerial,
		"wechatpay-signature": Rsa.sign(Formatter.response(timestamp, nonce, body), key)
	};
}

function sealedBySdk(key: string): string {
	const content = JSON.stringify({
		appid: appId,
		mchid: merchantId,
		out_trade_no: "PAY_000001",
		transaction_id: "42",
		trade_state: "SUCCESS",
		success_time: "2026-01-31T16:00:00+08:00",
		amount: { total: 10, currency: "CNY" }
	});
	const nonce = Formatter.nonce(12);
	const ciphertext = Aes.AesGcm.encrypt(content, key, nonce, "transaction");
	const resource = { algorithm: "AEAD_AES_256_GCM", ciphertext, nonce, associated_data: "transaction" };
	return JSON.stringify({ id: "e1", event_type: "TRANSACTION.SUCCESS", resource });
}
