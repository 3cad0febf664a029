import { createPrivateKey } from "node:crypto";
import { SANDBOX_ALIPAY, SANDBOX_WECHAT } from "../../mixins/sandbox/keys";
import { alipayNotice } from "../../services/sandbox/emulators/alipay.notices";
import type { Trade } from "../../services/sandbox/emulators/trade-book";
import { aSku, Catalogue, unique } from "../catalogue/builders";
import { Shopper } from "../harness/shopper";
import { ShopProcess } from "../harness/shop-process";
import { until } from "../harness/until";
import { ChannelHouse, post } from "./channel-house";
import { TROUBLES } from "./troubles";

const JWT_SECRET = "canary-of-the-tokens-0123456789abcdef";
const ADDRESS = {
	receiver: "金丝雀",
	phone: "13655550177",
	province: "浙江省",
	city: "杭州市",
	district: "西湖区",
	detail: "鸟笼路 77 号"
};

let house: ChannelHouse;
let shop: ShopProcess;
let staff: Catalogue;
let shopper: Shopper;
let skuId: string;
beforeAll(async () => {
	house = await ChannelHouse.open();
	shop = await ShopProcess.start({ ...house.env, JWT_SECRET, LOG_LEVEL: "trace" });
	staff = new Catalogue(shop, await shop.asAdmin());
	shopper = new Shopper(shop, await shop.asUser());
	const product = await staff.onShelf({ skus: [aSku({ price: 1000 })] });
	skuId = product.skus[0].id;
	await staff.stock(skuId, 100);
	await staff.must("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
}, 90_000);
afterAll(async () => {
	await shop.remove();
	await house.die();
});

const order = async () => {
	const { id: addressId } = await shopper.must("POST", "/me/addresses", ADDRESS);
	return shopper.must("POST", "/orders", { items: [{ skuId, quantity: 1 }], addressId }, unique("order-"));
};
const begin = (orderId: string, channel: string, key = unique("payment-")) =>
	shopper.send("POST", "/payments", { orderId, channel, scene: "qr" }, key);
const orderIs = (id: string, status: string) =>
	until(
		`order ${status}`,
		async () => (await shopper.must("GET", `/orders/${id}`)).status === status,
		20_000
	);

/** Everything that payments do, go wrong at, and are attacked with. */
async function traffic(channel: "alipay" | "wechat"): Promise<void> {
	const paid = await order();
	const payment = await shopper.pay(paid.id, channel, "qr");
	const notice = await house.takes(payment, { notify: false });
	const forged = await house.emulator(channel).notice(payment.paymentNo, { forged: true });
	await post(forged!);
	await post({ ...notice, body: notice.body.slice(0, -9) });
	await post(notice);
	await orderIs(paid.id, "paid");
	const refund = (amount: unknown) =>
		shop.http("POST", `/admin/payments/${payment.id}/refund`, {
			token: staff.token,
			key: unique("refund-"),
			body: { amount, reason: "破损" }
		});
	await refund(100);
	await refund(5000);
	await refund("all");
	await staff.must("POST", `/admin/orders/${paid.id}/cancel`, { reason: "缺货" });
	await orderIs(paid.id, "refunded");

	for (const [, trouble] of TROUBLES.slice(1)) {
		const troubled = await order();
		const key = unique("payment-");
		house.trouble = trouble;
		await begin(troubled.id, channel, key);
		house.trouble = null;
		await begin(troubled.id, channel, key);
	}
	const lost = await order();
	house.skewMs = 1_200_000;
	await begin(lost.id, channel);
	house.skewMs = 0;
}

async function wrongMoney(): Promise<void> {
	const wanted = await order();
	const payment = await shopper.pay(wanted.id, "alipay", "qr");
	const trade = await house.book.load(payment.paymentNo);
	const { appId, sellerId, platform } = SANDBOX_ALIPAY;
	const now = new Date();
	const other: Trade = { ...trade!, total: 999, status: "paid", paidAt: now };
	const key = createPrivateKey(platform.privateKey);
	await post(alipayNotice(other, undefined, { appId, sellerId, key, now }));
	await post(alipayNotice(other, undefined, { appId: "another", sellerId, key, now }));
}

it("says nothing of keys, tokens, buyers and addresses in its log, whatever payments go through [57]", async () => {
	const banner = shop.output.length; // names the demo accounts, on purpose

	await traffic("alipay");
	await traffic("wechat");
	await wrongMoney();
	await shop.end("SIGTERM");

	const said = shop.output.slice(banner);
	const lines = (text: string) =>
		text.split("\n").filter(line => line.length > 40 && !line.startsWith("--"));
	const secrets = {
		"a private key": [
			...lines(SANDBOX_ALIPAY.merchant.privateKey),
			...lines(SANDBOX_WECHAT.merchant.privateKey)
		],
		"the key that opens notifications": [SANDBOX_WECHAT.apiV3Key],
		"the secret of the tokens": [JWT_SECRET],
		"a token": [staff.token, shopper.token, staff.token.split(".")[2] ?? ""],
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
