import { unique } from "../../../support/builders";
import { until } from "../../../support/until";
import type { ChannelServer } from "../../../support/payments/channel-server";
import type { PayingShop } from "../../../support/payments/paying-shop";
import { startShopWithChannels } from "../../../support/payments/shop-with-channels";

type Payment = {
	readonly channel: "alipay" | "wechat";
	readonly paymentNo: string;
	readonly status: string;
	readonly refunded: number;
	readonly paidAmount: number | null;
	readonly action: null;
};
const TABS = 4;

let channelServer: ChannelServer;
let payingShop: PayingShop;
let close: () => Promise<void>;
beforeAll(async () => {
	({ channelServer, payingShop, close } = await startShopWithChannels());
});
afterAll(() => close());

it.each(["alipay", "wechat"] as const)(
	`leaves one payment live of ${TABS} tabs that begin one by %s at once, and keeps the money of one [35]`,
	async channel => {
		const order = await payingShop.placeOrder();
		const body = { orderId: order.id, channel, scene: "qr" };

		const replies = await Promise.all(
			Array.from({ length: TABS }, () =>
				payingShop.shopper.send("POST", "/payments", body, unique("payment-"))
			)
		);
		const begun: Payment[] = await payingShop.listPayments(order.id);
		// Every code is tried, since Alipay takes money for a code that was never scanned, even after the shop closed it.
		const taken = await Promise.all(
			begun.map(payment =>
				channelServer.takePayment(payment).then(
					() => 1000,
					() => 0
				)
			)
		);

		const codes = new Set(replies.map(({ status, body: answer }) => `${status} ${answer.code}`));
		expect([...codes].filter(code => code !== "201 OK" && code !== "409 INVALID_STATE")).toEqual([]);
		expect(codes).toContain("201 OK");
		expect(begun.filter(({ status }) => status === "pending")).toHaveLength(1);
		await payingShop.waitForOrder(order.id, "paid");
		const all: Payment[] = await until("all but one to be back", async () => {
			const seen: Payment[] = await payingShop.listPayments(order.id);
			const paid = seen.filter(({ paidAmount }) => paidAmount !== null);
			const kept = paid.filter(({ status }) => status === "succeeded");
			const settled = paid.length === taken.filter(amount => amount > 0).length;
			const back = paid.every(one => kept.includes(one) || one.refunded === 1000);
			return settled && kept.length === 1 && back ? seen : null;
		});
		const sum = (amounts: readonly number[]) => amounts.reduce((a, b) => a + b, 0);
		const back = sum((await Promise.all(all.map(one => channelServer.refundedAmounts(one)))).flat());
		expect(sum(taken) - back).toBe(1000);
	}
);
