import { Aes, Formatter, Rsa } from "wechatpay-axios-plugin";
import { SANDBOX_WECHAT } from "../../../../infrastructure/sandbox-keys/keys";
import type { ChannelName } from "../../../../schemas/payments.contract";
import type { NotificationRequest } from "../../../../services/sandbox/emulators/channel-emulator";
import { formatGatewayTime } from "../../../../services/sandbox/emulators/alipay/gateway";
import { PayingShop } from "../../../support/payments/paying-shop";
import { alipaySdkAt } from "../../../support/payments/sdks";

/** What a whole shop's sandbox sends and answers while an order is paid, judged by the channels' SDKs. */
let counter: PayingShop;
beforeAll(async () => {
	counter = await PayingShop.open();
});
afterAll(() => counter.shop.stop());
afterEach(() => jest.restoreAllMocks());

/** Pays an order and answers the notification that went over the wire for it, which the shop took. */
async function overheard(channel: ChannelName): Promise<{ paymentNo: string; notice: NotificationRequest }> {
	const post = jest.spyOn(globalThis, "fetch");
	const { order, payment } = await counter.paidOrder(channel);
	const sent = post.mock.calls.flatMap(([url, { headers, body } = {}]) =>
		typeof url === "string" && url.includes("/notify") && typeof body === "string"
			? [{ url, headers: Object.fromEntries(new Headers(headers)), body }]
			: []
	);
	post.mockRestore();
	expect(order.status).toBe("paid");
	expect(sent).toHaveLength(1);
	const [notice = { url: "", headers: {}, body: "" }] = sent;
	return { paymentNo: payment.paymentNo, notice };
}

it("Alipay's SDK verifies the notification that paid an order, refuses it altered, and asks for the payment", async () => {
	const { paymentNo, notice } = await overheard("alipay");
	const sdk = alipaySdkAt(`${counter.shop.url}/api/v1/sandbox/alipay`);
	const form = Object.fromEntries(new URLSearchParams(notice.body));
	const cheaper = { ...form, total_amount: "0.01" };

	const asked = await sdk.exec(
		"alipay.trade.query",
		{ timestamp: formatGatewayTime(new Date()), bizContent: { out_trade_no: paymentNo } },
		{ validateSign: true }
	);

	expect(form).toMatchObject({ out_trade_no: paymentNo, total_amount: "10.00" });
	expect(sdk.checkNotifySignV2(form)).toBe(true);
	expect(sdk.checkNotifySignV2(cheaper)).toBe(false);
	expect(await counter.post({ ...notice, body: String(new URLSearchParams(cheaper)) })).toBe(401);
	expect(asked).toMatchObject({ code: "10000", tradeStatus: "TRADE_SUCCESS", totalAmount: "10.00" });
});

it("a WeChat Pay SDK verifies and opens the notification that paid an order, and refuses it altered", async () => {
	const { paymentNo, notice } = await overheard("wechat");
	const { headers, body } = notice;
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
	expect(await counter.post({ ...notice, body: altered })).toBe(401);
	expect(JSON.parse(opened)).toMatchObject({ out_trade_no: paymentNo, amount: { total: 1000 } });
});
