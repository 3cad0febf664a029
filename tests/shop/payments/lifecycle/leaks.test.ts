import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SANDBOX_ALIPAY, SANDBOX_WECHAT } from "../../../../infrastructure/sandbox-keys/keys";
import { buildNotification } from "../../../../services/sandbox/emulators/alipay/notification";
import type { Trade } from "../../../../services/sandbox/emulators/trade-store";
import { unique } from "../../../support/builders";
import { findCanaries, makeCanaryRequests } from "../../../support/canaries";
import type { ShopProcess } from "../../../support/shop-process";
import { postNotification, type ChannelServer } from "../../../support/payments/channel-server";
import { startShopProcessWithChannels } from "../../../support/payments/shop-with-channels";
import type { StockedShop } from "../../../support/payments/stocked-shop";
import { until } from "../../../support/until";
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

let channelServer: ChannelServer;
let stockedShop: StockedShop<ShopProcess>;
let close: () => Promise<void>;
/** What the shop sends to a collector of traces. */
let traced = "";
const collector = createServer((req, res) => {
	req.on("data", (chunk: Buffer) => (traced += chunk.toString()));
	req.on("end", () => res.end());
});
beforeAll(async () => {
	collector.listen(0, "127.0.0.1");
	await once(collector, "listening");
	({ channelServer, stockedShop, close } = await startShopProcessWithChannels({
		JWT_SECRET,
		LOG_LEVEL: "trace",
		ACCESS_LOG: "on",
		OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
		OTEL_BSP_SCHEDULE_DELAY: "200"
	}));
});
afterAll(async () => {
	await close();
	collector.close();
});

const order = async () => {
	const { id: addressId } = await stockedShop.shopper.mustSend("POST", "/me/addresses", ADDRESS);
	return stockedShop.shopper.mustSend(
		"POST",
		"/orders",
		{ items: [{ skuId: stockedShop.skuId, quantity: 1 }], addressId },
		unique("order-")
	);
};
const begin = (orderId: string, channel: string, key = unique("payment-")) =>
	stockedShop.shopper.send("POST", "/payments", { orderId, channel, scene: "qr" }, key);
const orderIs = (id: string, status: string) => stockedShop.waitForOrder(id, status);

/** Payments, refunds, failures and forgeries: everything that might leak into the log. */
async function produceTraffic(channel: "alipay" | "wechat"): Promise<void> {
	const paid = await order();
	const payment = await stockedShop.shopper.createPayment(paid.id, channel, "qr");
	const notification = await channelServer.takePayment(payment, { notify: false });
	const forged = await channelServer
		.emulator(channel)
		.paymentNotification(payment.paymentNo, { forged: true });
	await postNotification(forged!);
	await postNotification({ ...notification, body: notification.body.slice(0, -9) });
	await postNotification(notification);
	await orderIs(paid.id, "paid");
	const refund = (amount: unknown) =>
		stockedShop.shop.http("POST", `/admin/payments/${payment.id}/refund`, {
			token: stockedShop.staff.token,
			key: unique("refund-"),
			body: { amount, reason: "破损" }
		});
	await refund(100);
	await refund(5000);
	await refund("all");
	await stockedShop.cancelAsStaff(paid.id);
	await orderIs(paid.id, "refunded");

	for (const [, trouble] of CHANNEL_FAULTS.slice(1)) {
		const troubled = await order();
		const key = unique("payment-");
		channelServer.fault = trouble;
		await begin(troubled.id, channel, key);
		channelServer.fault = null;
		await begin(troubled.id, channel, key);
	}
	const lost = await order();
	channelServer.skewMs = 1_200_000;
	await begin(lost.id, channel);
	channelServer.skewMs = 0;
}

async function payWrongAmount(): Promise<void> {
	const wanted = await order();
	const payment = await stockedShop.shopper.createPayment(wanted.id, "alipay", "qr");
	const trade = await channelServer.trades.load(payment.paymentNo);
	const { appId, sellerId, platform } = SANDBOX_ALIPAY;
	const now = new Date();
	const other: Trade = { ...trade!, total: 999, status: "paid", paidAt: now };
	const key = createPrivateKey(platform.privateKey);
	await postNotification(buildNotification(other, undefined, { appId, sellerId, key, now }));
	await postNotification(buildNotification(other, undefined, { appId: "another", sellerId, key, now }));
}

it("logs and traces nothing of a request that a contract marks as secret or personal, on any route", async () => {
	const banner = stockedShop.shop.output.length;
	const statuses: number[] = [];
	for (const token of [stockedShop.shopper.token, stockedShop.staff.token])
		for (const { method, path, body } of makeCanaryRequests()) {
			// Of a session that such a request ended, the log would have less.
			if (/sessions|logout/.test(path)) continue;
			const sent = await stockedShop.shop.http(method, path, {
				token,
				key: unique("canary-"),
				...(body && { body })
			});
			statuses.push(sent.status);
		}
	const last = await stockedShop.shop.http("GET", "/me", { token: stockedShop.shopper.token });
	const { requestId } = last.body;
	await until("the last request in the log", () => stockedShop.shop.output.includes(requestId));
	await until("the last request among the traces", () => traced.includes(requestId));

	const said = stockedShop.shop.output.slice(banner);
	expect(findCanaries(said)).toEqual([]);
	expect(findCanaries(traced)).toEqual([]);
	// Enough was answered, and refused by the actions, for this to mean something.
	expect(said.split("A request was ").length).toBeGreaterThan(statuses.length);
	expect(statuses.filter(status => status < 300).length).toBeGreaterThan(60);
	expect(statuses.filter(status => status === 404).length).toBeGreaterThan(30);
}, 120_000);

it("logs no keys, tokens, buyers or addresses, whatever happens to payments [57]", async () => {
	const banner = stockedShop.shop.output.length; // the banner names the demo accounts on purpose

	await produceTraffic("alipay");
	await produceTraffic("wechat");
	await payWrongAmount();
	await stockedShop.shop.end("SIGTERM");

	const said = stockedShop.shop.output.slice(banner);
	const lines = (text: string) =>
		text.split("\n").filter(line => line.length > 40 && !line.startsWith("--"));
	const secrets = {
		"a private key": [
			...lines(SANDBOX_ALIPAY.merchant.privateKey),
			...lines(SANDBOX_WECHAT.merchant.privateKey)
		],
		"the key that opens notifications": [SANDBOX_WECHAT.apiV3Key],
		"the secret of the tokens": [JWT_SECRET],
		"a token": [
			stockedShop.staff.token,
			stockedShop.shopper.token,
			stockedShop.staff.token.split(".")[2] ?? ""
		],
		"a password": ["Mall-admin-1", "Mall-user-1"],
		"who paid": ["sandbox-buyer", "2088000000000001"],
		"a phone": ["13655550177", "13900000000", "13800000000"],
		"an address": [ADDRESS.receiver, ADDRESS.detail]
	};
	const found = Object.entries(secrets).filter(([, texts]) => texts.some(text => said.includes(text)));
	expect(found.map(([what]) => what)).toEqual([]);
	// The log must contain these messages, or the test would pass without any log.
	for (const text of [
		"A notification was rejected",
		"The channel did not begin a payment",
		"Anomaly of a payment"
	])
		expect(said).toContain(text);
});
