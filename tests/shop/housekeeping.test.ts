import { ulid } from "ulid";
import type { Store } from "../../mixins/store.mixin";
import type { Order } from "../../services/orders/order.domain";
import type { PaymentsContext } from "../../services/payments/payments.context";
import { startShop, type Shop } from "../support/shop";
import { until } from "../support/until";
import { DAY_MS } from "../../schemas/values/durations";

const ago = (days: number) => Date.now() - days * DAY_MS;

let shop: Shop;
beforeAll(async () => {
	shop = await startShop();
});
afterAll(() => shop.stop());

const set = async (key: string, value: number) => {
	const { status } = await shop.http("PUT", `/admin/config/${key}`, {
		token: await shop.asAdmin(),
		body: { value }
	});
	expect(status).toBe(200);
};
it("removes a channel's notifications and orders that were never placed when they are old, and nothing else", async () => {
	const { notifications } = shop.broker.getLocalService("payments") as unknown as PaymentsContext;
	const { orders } = shop.broker.getLocalService("orders") as unknown as { orders: Store<Order> };
	const notification = async (days: number) => {
		const _id = `alipay:${ulid()}`;
		await notifications.insert({
			_id,
			channel: "alipay",
			paymentNo: null,
			verdict: "payment",
			body: "",
			at: new Date(ago(days))
		});
		return _id;
	};
	const order = async (status: string, days: number) => {
		const _id = ulid(ago(days));
		// The fields that the sweep filters on, and the numbers, which have a unique index.
		await orders.insert({ _id, status, orderNo: _id, userId: "u1", createdAt: new Date() } as Order);
		return _id;
	};
	const [oldNotification, youngNotification] = [await notification(401), await notification(399)];
	const [oldFailed, youngFailed, completed] = [
		await order("failed", 31),
		await order("failed", 29),
		await order("completed", 400)
	];
	const left = async () => [
		...(await notifications.find({ _id: { $in: [oldNotification, youngNotification] } })),
		...(await orders.find({ _id: { $in: [oldFailed, youngFailed, completed] } }))
	];

	await set("housekeeping.sweepEvery", 1);

	const ids = await until("both to be gone", async () => {
		const now = (await left()).map(({ _id }) => _id);
		return now.length < 4 ? now : null;
	});
	expect(ids.sort()).toEqual([youngNotification, youngFailed, completed].sort());
});
