import { createPrivateKey } from "node:crypto";
import type * as BackendsModule from "../../../../infrastructure/backends";
import { SANDBOX_WECHAT } from "../../../../infrastructure/sandbox-keys/keys";
import type { ChannelName } from "../../../../schemas/payments.contract";
import { encryptEvent, signHeaders } from "../../../../services/sandbox/emulators/wechat/platform";
import { toRefundNotification } from "../../../../services/sandbox/emulators/wechat/views";
import { unique } from "../../../support/builders";
import { until } from "../../../support/until";
import {
	postNotification,
	type ChannelServer,
	type ChannelRequest,
	type ChannelFault
} from "../../../support/payments/channel-server";
import type { PayingShop } from "../../../support/payments/paying-shop";
import { startShopWithChannels } from "../../../support/payments/shop-with-channels";
import { CHANNEL_FAULTS } from "../../../support/payments/channel-faults";

let channelServer: ChannelServer;
let payingShop: PayingShop;
let close: () => Promise<void>;
beforeAll(async () => {
	({ channelServer, payingShop, close } = await startShopWithChannels());
});
afterEach(() => {
	channelServer.fault = null;
	jest.restoreAllMocks();
});
afterAll(() => close());

async function paid(channel: ChannelName = "wechat") {
	const order = await payingShop.placeOrder();
	const payment = await payingShop.shopper.createPayment(order.id, channel, "qr");
	await channelServer.takePayment(payment);
	await payingShop.waitForOrder(order.id, "paid");
	return { order, payment };
}
const seen = async (orderId: string) => (await payingShop.listPayments(orderId))[0];
const refundNos = async (orderId: string): Promise<string[]> =>
	(await seen(orderId)).refunds.map(({ refundNo }: { refundNo: string }) => refundNo);
const asksFor = ({ method, path, query }: ChannelRequest) =>
	(method === "POST" && path.endsWith("/refunds")) || query.includes("method=alipay.trade.refund&");
/** The requests for a refund, without the queries. */
const refundsAsked = (refundNo: string) =>
	channelServer.requests.filter(asked => asksFor(asked) && asked.body.includes(refundNo));
const onlyRefunds =
	(trouble: ChannelFault): ChannelFault =>
	async (response, done, asked) => {
		if (asksFor(asked)) return trouble(response, done, asked);
		const { status, headers, body } = await done();
		response.writeHead(status, headers).end(body);
	};

it("refunds in parts to the last fen, and not one fen more [39]", async () => {
	const { order, payment } = await paid();
	await payingShop.requestRefund(payment.id, 600);
	await payingShop.requestRefund(payment.id, 399);

	const over = await payingShop.requestRefund(payment.id, 2);
	const exact = await payingShop.requestRefund(payment.id, 1);
	const more = await payingShop.requestRefund(payment.id, 1);

	expect([over.status, over.body.code]).toEqual([409, "REFUND_EXCEEDS_PAID"]);
	expect(over.body.data).toEqual({ requested: 2, refundable: 1 });
	expect([exact.status, more.status, more.body.code]).toEqual([200, 409, "REFUND_EXCEEDS_PAID"]);
	expect((await payingShop.waitForOrder(order.id, "refunded")).refundedTotal).toBe(1000);
	expect((await channelServer.refundedAmounts(payment)).toSorted()).toEqual([1, 399, 600]);
});

it.each(["alipay", "wechat"] as const)(
	"sends back no more than was paid by %s for 50 parts asked for at once [40]",
	async channel => {
		const { order, payment } = await paid(channel);
		jest.replaceProperty(payingShop.getChannel(channel), "minRefundIntervalMs", 0); // many intervals would take long

		const replies = await Promise.all(
			Array.from({ length: 50 }, () => payingShop.requestRefund(payment.id, 150))
		);

		const codes = replies.map(({ status, body }) => `${status} ${body.code}`);
		expect(codes.filter(code => code === "200 OK")).toHaveLength(6);
		expect(codes.filter(code => code === "409 REFUND_EXCEEDS_PAID")).toHaveLength(44);
		await until("the six", async () => (await seen(order.id)).refunded === 900);
		expect(await channelServer.refundedAmounts(payment)).toEqual(Array(6).fill(150));
		expect((await seen(order.id)).status).toBe("succeeded");
	}
);

it("refuses another amount under a refund's number, and asks the channel for the first alone [41]", async () => {
	const { backends } = require("../../../../infrastructure/backends") as typeof BackendsModule;
	const { order, payment } = await paid();
	const key = unique("refund-");
	await payingShop.requestRefund(payment.id, 300, key);

	const other = await payingShop.requestRefund(payment.id, 301, key);
	await backends.collection("idempotency_claims").remove({ state: "done" }); // as after a day
	const later = await payingShop.requestRefund(payment.id, 301, key);
	const same = await payingShop.requestRefund(payment.id, 300, key);

	expect([other, later].map(({ status, body }) => [status, body.code])).toEqual([
		[422, "IDEMPOTENCY_KEY_REUSED"],
		[422, "IDEMPOTENCY_KEY_REUSED"]
	]);
	expect(same.status).toBe(200);
	const [refundNo = "", ...others] = await refundNos(order.id);
	expect([refundsAsked(refundNo).length, others]).toEqual([1, []]);
	expect(await channelServer.refundedAmounts(payment)).toEqual([300]);
});

describe("a refund that WeChat Pay accepted", () => {
	const { platformSerial: serial, apiV3Key, merchantId, platform } = SANDBOX_WECHAT;
	const sign = (body: string) =>
		signHeaders(body, { serial, key: createPrivateKey(platform.privateKey), now: new Date() });

	/** Sets the status that the channel answers to queries of refunds. */
	const says = (status: string): ChannelFault => {
		return async (response, done) => {
			const { body, status: code, headers } = await done();
			const { status: said, ...refund } = JSON.parse(String(body)) as { status?: string };
			if (said === undefined) return void response.writeHead(code, headers).end(body);
			const text = JSON.stringify({ ...refund, status });
			response.writeHead(200, { "content-type": "application/json", ...sign(text) }).end(text);
		};
	};
	const notificationOf = async (paymentNo: string, status: string) => {
		const trade = await channelServer.trades.load(paymentNo);
		const refund = trade?.refunds[0];
		if (!trade || !refund) throw new Error("No refund at the channel");
		const event = {
			seed: `${refund.refundNo}:${status}`,
			type: `REFUND.${status}`,
			summary: "退款异常",
			resourceType: "refund" as const,
			content: { ...toRefundNotification(trade, refund, merchantId), refund_status: status }
		};
		const body = encryptEvent(event, apiV3Key, new Date());
		return {
			url: refund.notifyUrl,
			headers: { "content-type": "application/json", ...sign(body) },
			body
		};
	};

	async function accepted() {
		const { order, payment } = await paid();
		channelServer.fault = says("PROCESSING");
		await payingShop.cancelAsStaff(order.id);
		await until("the channel to have it", async () => {
			return (await seen(order.id)).refunds[0]?.status === "processing";
		});
		return { order, payment };
	}

	it("without a notification is queried until it is done, and not requested again", async () => {
		const { order, payment } = await accepted();
		const [refundNo = ""] = await refundNos(order.id);
		for (let times = 1; times <= 3; times++) {
			await payingShop.pollRefundsNow(order.id);
			await until(
				"a question",
				async () => (await payingShop.context.refunds.get(refundNo)).pollCount >= times
			);
		}
		const meanwhile = await payingShop.shopper.mustSend("GET", `/orders/${order.id}`);
		channelServer.fault = null;
		await payingShop.pollRefundsNow(order.id);

		await payingShop.waitForOrder(order.id, "refunded");
		expect(meanwhile.status).toBe("refunding");
		expect(refundsAsked(refundNo)).toHaveLength(1);
		expect(await channelServer.refundedAmounts(payment)).toEqual([1000]);
	});

	it.each([
		["CLOSED", "failed", "paid", "closed it without paying it out"],
		["ABNORMAL", "processing", "refunding", "needs a person at the channel"]
	])(
		"and then tells to be %s is shown to a person, and counts as %s [42]",
		async (status, refund, order, what) => {
			const { order: bought, payment } = await accepted();
			const before = await seen(bought.id);

			channelServer.fault = says(status);
			const acknowledged = await postNotification(await notificationOf(payment.paymentNo, status));

			const after = await until("the anomaly", async () => {
				const now = await seen(bought.id);
				return now.anomalies.length > 0 && now;
			});
			expect([before.anomalies, acknowledged]).toEqual([[], 204]);
			expect(after.anomalies[0].reason).toContain(what);
			expect(after).toMatchObject({ status: "succeeded", refunded: 0, refunds: [{ status: refund }] });
			await payingShop.waitForOrder(bought.id, order);
		}
	);
});

describe.each(["alipay", "wechat"] as const)("a refund by %s", channel => {
	it.each(CHANNEL_FAULTS)(
		"whose answer is lost because the channel %s moves the money once, under one number [44]",
		async (_, trouble) => {
			const { order, payment } = await paid(channel);

			channelServer.fault = onlyRefunds(trouble);
			await payingShop.cancelAsStaff(order.id);
			await until(
				"the money to move",
				async () => (await channelServer.refundedAmounts(payment)).length > 0
			);
			await until("the shop to give up", async () => {
				const refund = await payingShop.context.refunds.findOne({ paymentId: payment.id });
				return refund?.status === "processing" || refund?.status === "succeeded";
			});
			channelServer.fault = null;
			await payingShop.pollRefundsNow(order.id);

			expect((await payingShop.waitForOrder(order.id, "refunded")).refundedTotal).toBe(1000);
			expect(await refundNos(order.id)).toHaveLength(1);
			expect(await channelServer.refundedAmounts(payment)).toEqual([1000]);
		}
	);

	it("waits while the channel is down, is requested again under its number, and succeeds once the channel is back [44]", async () => {
		const { order, payment } = await paid(channel);

		await channelServer.stop();
		await payingShop.cancelAsStaff(order.id);
		await until("a try in vain", async () => {
			return (await seen(order.id)).refunds[0]?.status === "processing";
		});
		const [refundNo = ""] = await refundNos(order.id);
		await payingShop.pollRefundsNow(order.id);
		await until(
			"another one",
			async () => (await payingShop.context.refunds.get(refundNo)).pollCount > 0
		);
		const meanwhile = await payingShop.shopper.mustSend("GET", `/orders/${order.id}`);
		await channelServer.listen();
		await payingShop.pollRefundsNow(order.id);

		expect([meanwhile.status, meanwhile.refundedTotal]).toEqual(["refunding", 0]);
		expect((await payingShop.waitForOrder(order.id, "refunded")).refundedTotal).toBe(1000);
		expect(await refundNos(order.id)).toEqual([refundNo]);
		expect(await channelServer.refundedAmounts(payment)).toEqual([1000]);
	});
});

it("leaves no dead letter behind", async () => {
	expect(await payingShop.listDeadLetters()).toEqual([]);
});
