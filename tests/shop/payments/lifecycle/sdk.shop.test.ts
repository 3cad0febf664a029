import { Aes, Formatter, Rsa } from "wechatpay-axios-plugin";
import { SANDBOX_WECHAT } from "../../../../infrastructure/sandbox-keys/keys";
import type { ChannelName } from "../../../../schemas/payments.contract";
import type { NotificationRequest } from "../../../../services/sandbox/emulators/channel-emulator";
import { formatGatewayTime } from "../../../../services/sandbox/emulators/alipay/gateway";
import { PayingShop } from "../../../support/payments/paying-shop";
import { createAlipaySdk } from "../../../support/payments/sdks";

/** The channels' SDKs verify what a whole shop's sandbox sends and answers while an order is paid. */
let payingShop: PayingShop;
beforeAll(async () => {
	payingShop = await PayingShop.start();
});
afterAll(() => payingShop.shop.stop());
afterEach(() => jest.restoreAllMocks());

/** Pays an order, and answers the notification that was sent for it and accepted by the shop. */
async function payAndCapture(
	channel: ChannelName
): Promise<{ paymentNo: string; notification: NotificationRequest }> {
	const post = jest.spyOn(globalThis, "fetch");
	const { order, payment } = await payingShop.createPaidOrder(channel);
	const sent = post.mock.calls.flatMap(([url, { headers, body } = {}]) =>
		typeof url === "string" && url.includes("/notify") && typeof body === "string"
			? [{ url, headers: Object.fromEntries(new Headers(headers)), body }]
			: []
	);
	post.mockRestore();
	expect(order.status).toBe("paid");
	expect(sent).toHaveLength(1);
	const [notification = { url: "", headers: {}, body: "" }] = sent;
	return { paymentNo: payment.paymentNo, notification };
}

it("Alipay's SDK verifies the notification that paid an order, rejects it altered, and queries the payment", async () => {
	const { paymentNo, notification } = await payAndCapture("alipay");
	const sdk = createAlipaySdk(`${payingShop.shop.url}/api/v1/sandbox/alipay`);
	const form = Object.fromEntries(new URLSearchParams(notification.body));
	const cheaper = { ...form, total_amount: "0.01" };

	const asked = await sdk.exec(
		"alipay.trade.query",
		{ timestamp: formatGatewayTime(new Date()), bizContent: { out_trade_no: paymentNo } },
		{ validateSign: true }
	);

	expect(form).toMatchObject({ out_trade_no: paymentNo, total_amount: "10.00" });
	expect(sdk.checkNotifySignV2(form)).toBe(true);
	expect(sdk.checkNotifySignV2(cheaper)).toBe(false);
	expect(
		await payingShop.postNotification({ ...notification, body: String(new URLSearchParams(cheaper)) })
	).toBe(401);
	expect(asked).toMatchObject({ code: "10000", tradeStatus: "TRADE_SUCCESS", totalAmount: "10.00" });
});

it("a WeChat Pay SDK verifies and opens the notification that paid an order, and rejects it altered", async () => {
	const { paymentNo, notification } = await payAndCapture("wechat");
	const { headers, body } = notification;
	const verify = (text: string) =>
		Rsa.verify(
			Formatter.response(headers["wechatpay-timestamp"] ?? "", headers["wechatpay-nonce"] ?? "", text),
			headers["wechatpay-signature"] ?? "",
			SANDBOX_WECHAT.platform.publicKey
		);
	const { ciphertext, nonce, associated_data: aad } = JSON.parse(body).resource;
	const altered = body.replace("TRANSACTION.SUCCESS", "TRANSACTION.CLOSED");

	const opened = Aes.AesGcm.decrypt(ciphertext, SANDBOX_WECHAT.apiV3Key, nonce, aad);

	expect(verify(body)).toBe(true);
	expect(verify(altered)).toBe(false);
	expect(await payingShop.postNotification({ ...notification, body: altered })).toBe(401);
	expect(JSON.parse(opened)).toMatchObject({ out_trade_no: paymentNo, amount: { total: 1000 } });
});
