import { configMixin } from "../../mixins/config.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { jumpGuardedClock } from "../../mixins/platform";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { Refusal } from "../../schemas/errors";
import type { Ctx } from "../../schemas/kit";
import { orders } from "../../schemas/orders.contract";
import { call, fact, service } from "../../schemas/registry";
import * as moves from "./order.transitions";
import type { PurchaseEntries } from "./purchase-limit";
import { HIDEABLE_STATUSES, VISIBLE_STATUSES, type Order } from "./order.domain";
import { buildOrderFilter } from "./order-filter.domain";
import { toHistory, toStaffSummary, toSummary } from "./order-view.domain";
import { placeOrder, type OrdersContext } from "./place-order";
import { applyRefundFailure, applyPayment, applyRefund } from "./apply-payment";
import { removeFailedOrders, sweepDeadlines } from "./sweep-deadlines";

/** Owns an order from its placing to its end. Prices belong to `promotions`, stock to `inventory`, money to `payments`. */
export default service(orders, {
	dependencies: ["products", "users", "promotions", "inventory"],
	mixins: [
		storeMixin({
			orders: collection<Order>("orders", [
				{ keys: { placeKey: 1 }, unique: true, sparse: true },
				{ keys: { slot: 1 }, unique: true, sparse: true },
				{ keys: { orderNo: 1 }, unique: true },
				{ keys: { userId: 1, _id: -1 } },
				{ keys: { userId: 1, status: 1, _id: -1 } },
				{ keys: { status: 1, _id: -1 } },
				{ keys: { status: 1, deadline: 1 } },
				{ keys: { createdAt: -1 } }
			]),
			purchases: collection<PurchaseEntries>("order_purchases", [])
		}),
		configMixin,
		scheduleMixin<OrdersContext>(
			{
				name: "orders past a deadline",
				every: "orders.sweepEvery",
				async run() {
					await sweepDeadlines(this, jumpGuardedClock.now());
				}
			},
			{
				name: "remove orders that were never placed",
				every: "housekeeping.sweepEvery",
				async run() {
					await removeFailedOrders(this, new Date());
				}
			}
		)
	],

	actions: {
		create: {
			async handler(ctx) {
				return { ...toSummary(await placeOrder(this, ctx, buyer(ctx), ctx.params)), payment: null };
			}
		},
		list: {
			async handler(ctx) {
				const { page, pageSize, cursor, ...filter } = ctx.params;
				const where = buildOrderFilter(
					filter,
					{ userId: buyer(ctx), hidden: { $ne: true } },
					jumpGuardedClock.now()
				);
				const found = await this.orders.page(where, { page, pageSize, cursor });
				return { ...found, items: (await allCurrent(this, found.items)).map(toSummary) };
			}
		},
		get: {
			async handler(ctx) {
				return detail(ctx, await own(this, ctx));
			}
		},
		cancel: {
			async handler(ctx) {
				const order = await own(this, ctx);
				return detail(ctx, await moves.cancelOrder(this, order, order.userId, ctx.params.reason));
			}
		},
		confirm: {
			async handler(ctx) {
				const order = await own(this, ctx);
				const done = await moves.completeOrder(this, order, "received", order.userId);
				if (!done) throw moves.invalidState(await this.orders.get(order._id), "completed");
				return detail(ctx, done);
			}
		},
		hide: {
			async handler(ctx) {
				const { _id } = await own(this, ctx);
				await this.orders.mustChange(
					_id,
					{ status: { $in: HIDEABLE_STATUSES } },
					{ $set: { hidden: true } }
				);
				return null;
			}
		},
		adminList: {
			async handler(ctx) {
				const { page, pageSize, cursor, userId, ...filter } = ctx.params;
				const where = buildOrderFilter(
					filter,
					{ ...(userId !== undefined && { userId }) },
					jumpGuardedClock.now()
				);
				const found = await this.orders.page(where, { page, pageSize, cursor });
				return { ...found, items: (await allCurrent(this, found.items)).map(toStaffSummary) };
			}
		},
		adminGet: {
			async handler(ctx) {
				return staffDetail(ctx, await anyones(this, ctx));
			}
		},
		ship: {
			async handler(ctx) {
				const { carrier, trackingNo } = ctx.params;
				const order = await anyones(this, ctx);
				const shippedAt = new Date();
				const receiveBy = new Date(
					shippedAt.getTime() + this.config.get("orders.autoReceive") * 1000
				);
				const shipment = { carrier, trackingNo, shippedAt };
				const shipped = await moves.mustTransition(
					this,
					order,
					{
						to: "shipped",
						event: "shipped",
						by: staff(ctx),
						set: { shipment, receiveBy },
						deadline: receiveBy
					},
					fact("order.shipped", { orderId: order._id, userId: order.userId, carrier, trackingNo })
				);
				return staffDetail(ctx, shipped);
			}
		},
		adminCancel: {
			async handler(ctx) {
				const order = await anyones(this, ctx);
				const stop = order.status === "pending_payment" ? moves.cancelOrder : moves.requestRefund;
				return staffDetail(ctx, await stop(this, order, staff(ctx), ctx.params.reason));
			}
		},
		remark: {
			async handler(ctx) {
				const { _id } = await anyones(this, ctx);
				const $set = { staffRemark: ctx.params.remark };
				return staffDetail(ctx, await this.orders.mustChange(_id, {}, { $set }));
			}
		},
		payable: {
			async handler(ctx) {
				const { orderId, userId } = ctx.params;
				const { orderNo, status, total, currency, expiresAt } = await seen(this, orderId, { userId });
				return { orderId, orderNo, status, total, currency, expiresAt: expiresAt.toISOString() };
			}
		},
		paidLines: {
			async handler(ctx) {
				const { orderId, paymentId } = ctx.params;
				const { items, shippingFee, ...order } = await this.orders.get(orderId);
				if (order.paymentId !== paymentId)
					throw new Refusal("INVALID_STATE", "The order was not paid by this payment", { orderId });
				return {
					lines: items.map(({ skuId, quantity, amount }) => ({ skuId, quantity, amount })),
					shippingFee
				};
			}
		},
		history: {
			async handler(ctx) {
				const { ref } = ctx.params;
				const byNumber = await this.orders.findOne({ orderNo: ref });
				return toHistory(byNumber ?? (await this.orders.get(ref)));
			}
		},
		statuses: {
			async handler(ctx) {
				const where = { _id: { $in: ctx.params.orderIds } };
				const found = await this.orders.find(where, { fields: ["status"] });
				return found.map(({ _id, status }) => ({ orderId: _id, status }));
			}
		}
	},

	events: {
		async "payment.succeeded"(ctx) {
			await applyPayment(this, ctx.params);
		},
		async "payment.refunded"(ctx) {
			await applyRefund(this, ctx.params);
		},
		async "payment.refund_failed"(ctx) {
			await applyRefundFailure(this, ctx.params);
		}
	}
});

type OfOne = Ctx<{ readonly id: string }>;

function buyer(ctx: Ctx<unknown>): string {
	const { user } = ctx.meta;
	if (!user) throw new Refusal("UNAUTHORIZED", "Only for the signed-in");
	return user.id;
}
const staff = (ctx: Ctx<unknown>) => ctx.meta.user?.id ?? "system";

/** An order that may be seen, as it is now. */
async function seen(at: moves.Orders, id: string, also: object = {}): Promise<Order> {
	return moves.expireIfDue(at, await at.orders.get(id, { ...also, status: { $in: VISIBLE_STATUSES } }));
}
const own = (at: moves.Orders, ctx: OfOne) => seen(at, ctx.params.id, { userId: buyer(ctx) });
const anyones = (at: moves.Orders, ctx: OfOne) => seen(at, ctx.params.id);
const allCurrent = (at: moves.Orders, found: readonly Order[]) =>
	Promise.all(found.map(order => moves.expireIfDue(at, order)));

/** The payment is for show here: an order can be seen while `payments` is away. */
const paymentOf = (ctx: Ctx<unknown>, { _id, paymentId }: Order) =>
	call(
		ctx,
		"payments.ofOrder",
		{ orderId: _id, ...(paymentId !== undefined && { paymentId }) },
		{ timeout: 2000 }
	).catch(() => null);
const detail = async (ctx: Ctx<unknown>, order: Order) => ({
	...toSummary(order),
	payment: await paymentOf(ctx, order)
});
const staffDetail = async (ctx: Ctx<unknown>, order: Order) => ({
	...toStaffSummary(order),
	payment: await paymentOf(ctx, order)
});
