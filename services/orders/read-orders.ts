import { jumpGuardedClock } from "../../mixins/platform";
import type { Page, PageQuery, Where } from "../../mixins/store.mixin";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import { buildOrderFilter, type OrderFilter, type OrderFilterOptions } from "./order-filter.domain";
import { VISIBLE_STATUSES, type Order } from "./order.domain";
import { expireIfDue } from "./order.transitions";
import type { OrdersContext } from "./orders.context";

type Context = Pick<OrdersContext, "orders">;

/** Cancels the order if its time to pay is over, and resolves to it. Refuses with NOT_FOUND outside `scope`, say another user's order. */
export async function getOrderAfterExpiry(
	context: Context,
	id: string,
	scope: Where<Order> = {}
): Promise<Order> {
	const order = await context.orders.get(id, { ...scope, status: { $in: VISIBLE_STATUSES } });
	return expireIfDue(context, order);
}

/** A page of the orders in `scope`, newest first. Cancels those whose time to pay is over before they are listed. */
export async function listOrdersAfterExpiry(
	context: Context,
	{ page, pageSize, cursor, ...filter }: PageQuery & OrderFilter,
	scope: Where<Order>,
	options?: OrderFilterOptions
): Promise<Page<Order>> {
	const where = buildOrderFilter(filter, scope, jumpGuardedClock.now(), options);
	const found = await context.orders.page(where, { page, pageSize, cursor });
	return { ...found, items: await Promise.all(found.items.map(order => expireIfDue(context, order))) };
}

/** Summary of the order's payment. Null while `payments` does not answer, so that orders can be seen without it. */
export const fetchPayment = (ctx: Ctx<unknown>, { _id, paymentId }: Order) =>
	call(
		ctx,
		"payments.ofOrder",
		{ orderId: _id, ...(paymentId !== undefined && { paymentId }) },
		{ timeout: 2000 }
	).catch((err: unknown) => {
		ctx.broker.logger.warn({ err, orderId: _id }, "An order is shown without its payment");
		return null;
	});
