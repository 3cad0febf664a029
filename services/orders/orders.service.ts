import { configMixin } from "../../mixins/config.mixin";
import { metricsMixin } from "../../mixins/metrics.mixin";
import {
	jumpGuardedClock,
	REFUSAL_INDEXES,
	removeExpiredRefusals,
	type StoredRefusal
} from "../../mixins/platform";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { getStaffId, requireUserId } from "../../schemas/kit/caller";
import type { Ctx } from "../../schemas/kit/service";
import { orders } from "../../schemas/orders.contract";
import { service } from "../../schemas/registry";
import { applyDelivery } from "./apply-delivery";
import { applyFailedRefund, applyPayment, applyRefund } from "./apply-payment";
import { cancelForStaff } from "./cancel-for-staff";
import { claimForStaff, priceForStaff } from "./claim-for-staff";
import { claimUnits, priceClaim, quoteUnits, releaseUnits, requestUnitsRefund } from "./claim-units";
import { getBoughtLine } from "./get-bought-line";
import { toHistory, toPaidAmount, toStaffSummary, toSummary } from "./order-view.domain";
import { hideOrder } from "./hide-order";
import type { Order } from "./order.domain";
import { cancelOrder, confirmReceipt } from "./order.transitions";
import type { OrdersContext } from "./orders.context";
import { ORDER_METRICS, orderFactCounts } from "./orders.metrics";
import { placeOnce } from "./place-once";
import type { PurchaseEntries } from "./purchase-limit.domain";
import { eraseBuyer, exportOrders, listOpenOrders } from "./manage-personal-data";
import { fetchPayment, getOrderAfterExpiry, listOrdersAfterExpiry } from "./read-orders";
import { refreshAndGetFirstShipment, refreshAndListShipments } from "./read-shipments";
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
		metricsMixin(ORDER_METRICS, orderFactCounts),
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
				return toView(ctx, await getOwnOrderAfterExpiry(this, ctx));
			}
		},
		cancel: {
			async handler(ctx) {
				const order = await getOwnOrderAfterExpiry(this, ctx);
				return toView(ctx, await cancelOrder(this, order, order.userId, ctx.params.reason));
			}
		},
		confirm: {
			async handler(ctx) {
				return toView(ctx, await confirmReceipt(this, await getOwnOrderAfterExpiry(this, ctx)));
			}
		},
		hide: {
			async handler(ctx) {
				await hideOrder(this, await getOwnOrderAfterExpiry(this, ctx));
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
				return refreshAndListShipments(ctx, await getOwnOrderAfterExpiry(this, ctx));
			}
		},
		shipment: {
			async handler(ctx) {
				return refreshAndGetFirstShipment(ctx, await getOwnOrderAfterExpiry(this, ctx));
			}
		},
		adminShipments: {
			async handler(ctx) {
				return refreshAndListShipments(ctx, await getOrderAfterExpiry(this, ctx.params.id));
			}
		},
		adminCancel: {
			async handler(ctx) {
				const order = await getOrderAfterExpiry(this, ctx.params.id);
				const { reason } = ctx.params;
				const cancelled = await cancelForStaff(
					this,
					order,
					{ by: getStaffId(ctx), reason },
					ctx.meta.user
				);
				return toStaffView(ctx, cancelled);
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
				return toPaidAmount(await this.orders.get(orderId, userId === undefined ? {} : { userId }));
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
				return getBoughtLine(this, ctx.params);
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

const getOwnOrderAfterExpiry = (context: Pick<OrdersContext, "orders">, ctx: Ctx<{ readonly id: string }>) =>
	getOrderAfterExpiry(context, ctx.params.id, { userId: requireUserId(ctx) });

const toView = async (ctx: Ctx<unknown>, order: Order) => ({
	...toSummary(order),
	payment: await fetchPayment(ctx, order)
});
const toStaffView = async (ctx: Ctx<unknown>, order: Order) => ({
	...toStaffSummary(order),
	payment: await fetchPayment(ctx, order)
});
