import { configMixin } from "../../mixins/config.mixin";
import {
	jumpGuardedClock,
	REFUSAL_INDEXES,
	removeExpiredRefusals,
	type StoredRefusal
} from "../../mixins/platform";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { invalidState, Refusal } from "../../schemas/errors/errors";
import { requireUserId } from "../../schemas/kit/require-user";
import type { Caller, Ctx } from "../../schemas/kit/service";
import { orders } from "../../schemas/orders.contract";
import { service } from "../../schemas/registry";
import { assertSteppedUp } from "../../schemas/values/step-up";
import { applyDelivery } from "./apply-delivery";
import { applyFailedRefund, applyPayment, applyRefund } from "./apply-payment";
import { claimForStaff, priceForStaff } from "./claim-for-staff";
import { claimUnits, priceClaim, quoteUnits, releaseUnits, requestUnitsRefund } from "./claim-units";
import { findBoughtLine } from "./find-bought-line";
import { toHistory, toStaffSummary, toSummary } from "./order-view.domain";
import { HIDEABLE_STATUSES, REFUNDABLE_STATUSES, TRANSITIONS, type Order } from "./order.domain";
import { cancelOrder, confirmReceipt, requestRefund } from "./order.transitions";
import type { OrdersContext } from "./orders.context";
import { placeOnce } from "./place-once";
import type { PurchaseEntries } from "./purchase-limit.domain";
import { eraseBuyer, exportOrders, listOpenOrders } from "./manage-personal-data";
import { fetchPayment, getOrderAfterExpiry, listOrdersAfterExpiry } from "./read-orders";
import { listShipments } from "./read-shipments";
import { sendParcel } from "./send-parcel";
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
				{ keys: { userId: 1, hidden: 1, status: 1, _id: -1 } },
				{ keys: { status: 1, _id: -1 } },
				{ keys: { status: 1, deadline: 1 } }
			]),
			purchases: collection<PurchaseEntries>("order_purchases", []),
			refusals: collection<StoredRefusal>("order_refusals", REFUSAL_INDEXES)
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
			},
			{
				name: "remove expired refusals",
				every: "housekeeping.sweepEvery",
				async run() {
					await removeExpiredRefusals(this.refusals);
				}
			}
		)
	],

	actions: {
		create: {
			async handler(ctx) {
				return placeOnce(this, ctx, requireUserId(ctx), ctx.params);
			}
		},
		list: {
			async handler(ctx) {
				const scope = { userId: requireUserId(ctx), hidden: false };
				const page = await listOrdersAfterExpiry(this, ctx.params, scope);
				return { ...page, items: page.items.map(toSummary) };
			}
		},
		get: {
			async handler(ctx) {
				return toView(ctx, await getOwnOrder(this, ctx));
			}
		},
		cancel: {
			async handler(ctx) {
				const order = await getOwnOrder(this, ctx);
				return toView(ctx, await cancelOrder(this, order, order.userId, ctx.params.reason));
			}
		},
		confirm: {
			async handler(ctx) {
				return toView(ctx, await confirmReceipt(this, await getOwnOrder(this, ctx)));
			}
		},
		hide: {
			async handler(ctx) {
				const { _id } = await getOwnOrder(this, ctx);
				const guard = { status: { $in: HIDEABLE_STATUSES } };
				await this.orders.mustChange(_id, guard, { $set: { hidden: true } }, [], order =>
					invalidState("The order is not finished", {
						id: _id,
						state: order.status,
						allowed: TRANSITIONS[order.status]
					})
				);
				return null;
			}
		},
		adminList: {
			async handler(ctx) {
				const { userId, ...query } = ctx.params;
				// Both values are named so that the index of a user's orders gives their order.
				const scope = userId === undefined ? {} : { userId, hidden: { $in: [true, false] } };
				const page = await listOrdersAfterExpiry(this, query, scope, { byStaff: true });
				return { ...page, items: page.items.map(toStaffSummary) };
			}
		},
		adminGet: {
			async handler(ctx) {
				return toStaffView(ctx, await getOrderAfterExpiry(this, ctx.params.id));
			}
		},
		ship: {
			async handler(ctx) {
				const order = await getOrderAfterExpiry(this, ctx.params.id);
				return toStaffView(ctx, await sendParcel(this, ctx, order, ctx.params, getStaffId(ctx)));
			}
		},
		shipments: {
			async handler(ctx) {
				return listShipments(ctx, await getOwnOrder(this, ctx));
			}
		},
		shipment: {
			async handler(ctx) {
				const [first] = await listShipments(ctx, await getOwnOrder(this, ctx));
				if (!first)
					throw new Refusal("NOT_FOUND", "No parcel was sent yet", {
						what: "shipment",
						id: ctx.params.id
					});
				return first;
			}
		},
		adminShipments: {
			async handler(ctx) {
				return listShipments(ctx, await getOrderAfterExpiry(this, ctx.params.id));
			}
		},
		adminCancel: {
			async handler(ctx) {
				const order = await getOrderAfterExpiry(this, ctx.params.id);
				const isUnpaid = order.status === "pending_payment";
				if (!isUnpaid && ctx.meta.user) assertMayRefundAlone(this, ctx.meta.user, order);
				const cancel = isUnpaid ? cancelOrder : requestRefund;
				return toStaffView(ctx, await cancel(this, order, getStaffId(ctx), ctx.params.reason));
			}
		},
		remark: {
			async handler(ctx) {
				const { _id } = await getOrderAfterExpiry(this, ctx.params.id);
				const $set = { staffRemark: ctx.params.remark };
				return toStaffView(ctx, await this.orders.mustChange(_id, {}, { $set }));
			}
		},
		payable: {
			async handler(ctx) {
				const { orderId, userId } = ctx.params;
				const order = await getOrderAfterExpiry(this, orderId, { userId });
				const { orderNo, status, total, currency, expiresAt } = order;
				return { orderId, orderNo, status, total, currency, expiresAt: expiresAt.toISOString() };
			}
		},
		quoteUnits: {
			handler(ctx) {
				return quoteUnits(this, ctx.params);
			}
		},
		claimUnits: {
			handler(ctx) {
				return claimUnits(this, ctx.params);
			}
		},
		releaseUnits: {
			async handler({ params: { orderId, claimId } }) {
				return { released: await releaseUnits(this, orderId, claimId) };
			}
		},
		priceClaim: {
			handler(ctx) {
				return priceClaim(this, ctx.params);
			}
		},
		refundUnits: {
			handler(ctx) {
				return requestUnitsRefund(this, ctx.params);
			}
		},
		paidAmount: {
			async handler(ctx) {
				const { orderId, userId } = ctx.params;
				const order = await this.orders.get(orderId, userId === undefined ? {} : { userId });
				const paid = REFUNDABLE_STATUSES.some(status => status === order.status);
				const { total, refundedTotal, status: state } = order;
				return { amount: Math.max(0, total - refundedTotal), status: state, paid };
			}
		},
		receiverPhone: {
			async handler(ctx) {
				return { phone: (await this.orders.get(ctx.params.orderId)).address.phone };
			}
		},
		priceForStaff: {
			handler(ctx) {
				return priceForStaff(this, ctx.params);
			}
		},
		claimForStaff: {
			handler(ctx) {
				return claimForStaff(this, ctx.params);
			}
		},
		exportPersonalData: {
			async handler(ctx) {
				return { orders: await exportOrders(this, ctx.params.userId) };
			}
		},
		listOpenMatters: {
			handler(ctx) {
				return listOpenOrders(this, ctx.params.userId);
			}
		},
		history: {
			async handler(ctx) {
				const { ref } = ctx.params;
				const byNumber = await this.orders.findOne({ orderNo: ref });
				return toHistory(byNumber ?? (await this.orders.get(ref)));
			}
		},
		boughtLine: {
			async handler(ctx) {
				return findBoughtLine(this, ctx.params);
			}
		},
		parcelIds: {
			async handler(ctx) {
				const { parcels = [] } = await this.orders.get(ctx.params.orderId);
				return parcels.map(({ id }) => id);
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
		async "user.closed"(ctx) {
			await eraseBuyer(this, ctx.params.userId);
		},
		async "shipment.delivered"(ctx) {
			await applyDelivery(this, ctx.params);
		},
		async "after_sale.rejected"(ctx) {
			await releaseUnits(this, ctx.params.orderId, ctx.params.afterSaleId);
		},
		async "after_sale.cancelled"(ctx) {
			await releaseUnits(this, ctx.params.orderId, ctx.params.afterSaleId);
		},
		async "payment.succeeded"(ctx) {
			await applyPayment(this, ctx.params);
		},
		async "payment.refunded"(ctx) {
			await applyRefund(this, ctx.params);
		},
		async "payment.refund_failed"(ctx) {
			await applyFailedRefund(this, ctx.params);
		}
	}
});

/**
 * Refuses staff a cancellation whose refund needs more: above `security.stepUpRefundAbove` a recent proof of identity, above
 * `security.twoPersonRefundAbove` a second person, whom only a refund of the payment itself can wait for.
 */
function assertMayRefundAlone(
	{ config }: Pick<OrdersContext, "config">,
	caller: Caller,
	{ total }: Order
): void {
	const isAbove = (threshold: number) => threshold > 0 && total > threshold;
	if (isAbove(config.get("security.stepUpRefundAbove"))) assertSteppedUp(caller, new Date());
	if (isAbove(config.get("security.twoPersonRefundAbove")))
		throw new Refusal(
			"SECOND_PERSON_REQUIRED",
			"So large a refund needs a second person: refund the payment instead"
		);
}

const getStaffId = (ctx: Ctx<unknown>) => ctx.meta.user?.id ?? "system";

const getOwnOrder = (context: Pick<OrdersContext, "orders">, ctx: Ctx<{ readonly id: string }>) =>
	getOrderAfterExpiry(context, ctx.params.id, { userId: requireUserId(ctx) });

const toView = async (ctx: Ctx<unknown>, order: Order) => ({
	...toSummary(order),
	payment: await fetchPayment(ctx, order)
});
const toStaffView = async (ctx: Ctx<unknown>, order: Order) => ({
	...toStaffSummary(order),
	payment: await fetchPayment(ctx, order)
});
