import type { InventoryContext } from "../../../services/inventory/inventory.context";
import { unique } from "../../support/builders";
import { isUnknown } from "../../support/send-until-known";
import type { Reply } from "../../support/shop";
import { until } from "../../support/until";
import { PayingShop } from "../../support/payments/paying-shop";

let payingShop: PayingShop;
let gate: PromiseWithResolvers<void>;
beforeAll(async () => {
	payingShop = await PayingShop.start(1000, { REQUEST_TIMEOUT_MS: "3000" });
});
beforeEach(() => (gate = Promise.withResolvers<void>()));
afterEach(() => jest.restoreAllMocks());
afterAll(() => payingShop.shop.stop());

/** Starts the work only when the gate opens, long after the request's time-out. */
const holdBack = async <R>(work: () => Promise<R>): Promise<R> => {
	await gate.promise;
	return work();
};
const summarize = (replies: readonly Reply[]) => replies.map(({ status, body }) => `${status} ${body.code}`);
const TOO_LATE = "504 REQUEST_TIMEOUT";
const RUNNING = "409 IDEMPOTENCY_IN_PROGRESS";
const REUSED = "422 IDEMPOTENCY_KEY_REUSED";

it("places an order once when its request timed out, and refuses the key for another order", async () => {
	const { reservations } = payingShop.getService("inventory") as unknown as InventoryContext;
	const { insertOnce } = reservations;
	jest.spyOn(reservations, "insertOnce").mockImplementationOnce((...args) =>
		holdBack(() => insertOnce.apply(reservations, args))
	);
	const key = unique("order-");
	const order = (quantity: number) => payingShop.shopper.tryOrder(payingShop.skuId, quantity, key);

	const replies = [await order(2), await order(2), await order(3)];
	gate.resolve();
	const placed = await until("the order", async () => {
		const reply = await order(2);
		return isUnknown(reply) ? null : reply;
	});

	expect(summarize([...replies, placed])).toEqual([TOO_LATE, RUNNING, REUSED, "201 OK"]);
	expect(await payingShop.listStockChanges(placed.body.data.id)).toEqual(["reserve"]);
	expect((await payingShop.staff.mustSend("GET", `/admin/inventory/${payingShop.skuId}`)).reserved).toBe(2);
});

it("continues a payment under the same key when its request timed out", async () => {
	const wechat = payingShop.getChannel("wechat");
	const { create } = wechat;
	jest.spyOn(wechat, "create").mockImplementationOnce(session =>
		holdBack(() => create.call(wechat, session))
	);
	const order = await payingShop.placeOrder();
	const key = unique("payment-");
	const pay = (channel: string) =>
		payingShop.shopper.send("POST", "/payments", { orderId: order.id, channel, scene: "qr" }, key);

	const replies = [await pay("wechat"), await pay("alipay"), await pay("wechat")];
	gate.resolve();

	expect(summarize(replies)).toEqual([TOO_LATE, REUSED, "201 OK"]);
	expect(await payingShop.listPayments(order.id)).toMatchObject([{ channel: "wechat", status: "pending" }]);
});

it("refunds once when the request timed out", async () => {
	const { order, payment } = await payingShop.createPaidOrder("wechat");
	const wechat = payingShop.getChannel("wechat");
	const { refund } = wechat;
	jest.spyOn(wechat, "refund").mockImplementationOnce(asked => holdBack(() => refund.call(wechat, asked)));
	const key = unique("refund-");
	const refundAmount = (amount: number) => payingShop.requestRefund(payment.id, amount, key);

	const replies = [await refundAmount(300), await refundAmount(200), await refundAmount(300)];
	gate.resolve();

	expect(summarize(replies)).toEqual([TOO_LATE, REUSED, "200 OK"]);
	await until("the refund", async () => (await payingShop.listPayments(order.id))[0].refunded === 300);
	expect((await payingShop.listPayments(order.id))[0].refunds).toHaveLength(1);
});

it("refuses the key of an adjustment that timed out for another SKU", async () => {
	const { ledger } = payingShop.getService("inventory") as unknown as InventoryContext;
	const { insertOnce } = ledger;
	const other = (await payingShop.staff.addProductOnShelf()).skus[0].id as string;
	jest.spyOn(ledger, "insertOnce").mockImplementationOnce((...args) =>
		holdBack(() => insertOnce.apply(ledger, args))
	);
	const key = unique("adjust-");
	const adjust = (skuId: string) =>
		payingShop.shop.http("POST", `/admin/inventory/${skuId}/adjust`, {
			token: payingShop.staff.token,
			key,
			body: { delta: 5, reason: "盘点" }
		});

	const replies = [await adjust(payingShop.skuId), await adjust(other), await adjust(payingShop.skuId)];
	gate.resolve();

	expect(summarize(replies)).toEqual([TOO_LATE, REUSED, "200 OK"]);
	expect((await payingShop.staff.mustSend("GET", `/admin/inventory/${other}`)).available).toBe(0);
});
