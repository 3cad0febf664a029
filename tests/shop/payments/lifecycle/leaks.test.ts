import { createPrivateKey } from "node:crypto";
import { SANDBOX_ALIPAY, SANDBOX_WECHAT } from "../../../../infrastructure/sandbox-keys/keys";
import { buildNotification } from "../../../../services/sandbox/emulators/alipay/notification";
import type { Trade } from "../../../../services/sandbox/emulators/trade-store";
import { unique } from "../../../support/builders";
import type { ShopProcess } from "../../../support/shop-process";
import { post, type ChannelServer } from "../../../support/payments/channel-server";
import { openShopProcessWithChannels } from "../../../support/payments/shop-with-channels";
import type { StockedShop } from "../../../support/payments/stocked-shop";
import { CHANNEL_FAULTS } from "../../../support/payments/channel-faults";

const JWT_SECRET = "canary-of-the-tokens-0123456789abcdef";
const ADDRESS = {
	receiver: "金丝雀",
	phone: "13655550177",
	province: "浙江省",
	city: "杭州市",
	district: "西湖区",
	detail: "鸟笼路 77 号"
};

let house: ChannelServer;
let till: StockedShop<ShopProcess>;
let close: () => Promise<void>;
beforeAll(async () => {
	({ house, till, close } = await openShopProcessWithChannels({ JWT_SECRET, LOG_LEVEL: "trace" }));
}, 90_000);
afterAll(() => close());

const order = async () => {
	const { id: addressId } = await till.shopper.mustSend("POST", "/me/addresses", ADDRESS);
	return till.shopper.mustSend(
		"POST",
		"/orders",
		{ items: [{ skuId: till.skuId, quantity: 1 }], addressId },
		unique("order-")
	);
};
const begin = (orderId: string, channel: string, key = unique("payment-")) =>
	till.shopper.send("POST", "/payments", { orderId, channel, scene: "qr" }, key);
const orderIs = (id: string, status: string) => till.orderIs(id, status, 20_000);

/** Everything that payments do, go wrong at, and are attacked with. */
async function traffic(channel: "alipay" | "wechat"): Promise<void> {
	const paid = await order();
	const payment = await till.shopper.createPayment(paid.id, channel, "qr");
	const notice = await house.takePayment(payment, { notify: false });
	const forged = await house.emulator(channel).paymentNotification(payment.paymentNo, { forged: true });
	await post(forged!);
	await post({ ...notice, body: notice.body.slice(0, -9) });
	await post(notice);
	await orderIs(paid.id, "paid");
	const refund = (amount: unknown) =>
		till.shop.http("POST", `/admin/payments/${payment.id}/refund`, {
			token: till.staff.token,
			key: unique("refund-"),
			body: { amount, reason: "破损" }
		});
	await refund(100);
	await refund(5000);
	await refund("all");
	await till.cancelAsStaff(paid.id);
	await orderIs(paid.id, "refunded");

	for (const [, trouble] of CHANNEL_FAULTS.slice(1)) {
		const troubled = await order();
		const key = unique("payment-");
		house.fault = trouble;
		await begin(troubled.id, channel, key);
		house.fault = null;
		await begin(troubled.id, channel, key);
	}
	const lost = await order();
	house.skewMs = 1_200_000;
	await begin(lost.id, channel);
	house.skewMs = 0;
}

async function wrongMoney(): Promise<void> {
	const wanted = await order();
	const payment = await till.shopper.createPayment(wanted.id, "alipay", "qr");
	const trade = await house.trades.load(payment.paymentNo);
	const { appId, sellerId, platform } = SANDBOX_ALIPAY;
	const now = new Date();
	const other: Trade = { ...trade!, total: 999, status: "paid", paidAt: now };
	const key = createPrivateKey(platform.privateKey);
	await post(buildNotification(other, undefined, { appId, sellerId, key, now }));
	await post(buildNotification(other, undefined, { appId: "another", sellerId, key, now }));
}

it("says nothing of keys, tokens, buyers and addresses in its log, whatever payments go through [57]", async () => {
	const banner = till.shop.output.length; // names the demo accounts, on purpose

	await traffic("alipay");
	await traffic("wechat");
	await wrongMoney();
	await till.shop.end("SIGTERM");

	const said = till.shop.output.slice(banner);
	const lines = (text: string) =>
		text.split("\n").filter(line => line.length > 40 && !line.startsWith("--"));
	const secrets = {
		"a private key": [
			...lines(SANDBOX_ALIPAY.merchant.privateKey),
			...lines(SANDBOX_WECHAT.merchant.privateKey)
		],
		"the key that opens notifications": [SANDBOX_WECHAT.apiV3Key],
		"the secret of the tokens": [JWT_SECRET],
		"a token": [till.staff.token, till.shopper.token, till.staff.token.split(".")[2] ?? ""],
		"a password": ["Mall-admin-1", "Mall-user-1"],
		"who paid": ["sandbox-buyer", "2088000000000001"],
		"a phone": ["13655550177", "13900000000", "13800000000"],
		"an address": [ADDRESS.receiver, ADDRESS.detail]
	};
	const found = Object.entries(secrets).filter(([, texts]) => texts.some(text => said.includes(text)));
	expect(found.map(([what]) => what)).toEqual([]);
	// That it speaks of all this at all:
	for (const text of [
		"A notification was rejected",
		"The channel did not begin a payment",
		"Anomaly of a payment"
	])
		expect(said).toContain(text);
}, 120_000);
