import { jumpGuardedClock } from "../../mixins/platform";
import type { Page, PageQuery, Where } from "../../mixins/store.mixin";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import {
	buildNumberFilter,
	buildOrderFilter,
	type OrderFilter,
	type OrderFilterOptions
} from "./order-filter.domain";
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

/**
 * A page of the orders in `scope`, newest first. `q` is taken for an order number or its beginning, and for a part of a name
 * where no order has that number. Cancels those whose time to pay is over before they are listed.
 */
export async function listOrdersAfterExpiry(
	context: Context,
	{ page, pageSize, cursor, ...filter }: PageQuery & OrderFilter,
	scope: Where<Order>,
	options?: OrderFilterOptions
): Promise<Page<Order>> {
	const query = { page, pageSize, cursor };
	const byNumber = buildNumberFilter(filter, scope);
	const numbered = byNumber && (await context.orders.page(byNumber, query));
	const found = numbered?.total
		? numbered
		: await context.orders.page(buildOrderFilter(filter, scope, jumpGuardedClock.now(), options), query);
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
