import { createHash } from "node:crypto";
import { runKeyed } from "../../mixins/platform";
import type { Ctx } from "../../schemas/kit/service";
import type { OrderView } from "../../schemas/orders.views";
import { toSummaryAtPlacing } from "./order-view.domain";
import type { Order } from "./order.domain";
import type { OrdersContext } from "./orders.context";
import { assertSameRequest, placeOrder } from "./place-order";
import type { OrderRequest } from "./price-order";

/** Places an order once for the user's idempotency key; a repeated request gets the first answer again. */
export async function placeOnce(
	context: OrdersContext,
	ctx: Ctx<unknown>,
	userId: string,
	{ key, ...request }: OrderRequest & { readonly key: string }
): Promise<OrderView> {
	const placeKey = `${userId}:${key}`;
	const fingerprint = hashOrderRequest(request);
	const order = await runKeyed<Order>(
		context.refusals,
		ctx,
		{ key: placeKey, fingerprint },
		{
			async find() {
				const known = await context.orders.findOne({ placeKey });
				return known && assertSameRequest(known, fingerprint);
			},
			run: () => placeOrder(context, ctx, userId, { ...request, placeKey, fingerprint })
		}
	);
	return { ...toSummaryAtPlacing(order), payment: null };
}

/** Hash of everything in the request that makes an order: two requests with one key must have the same. */
function hashOrderRequest({
	items,
	addressId,
	couponCode,
	usePoints,
	remark,
	expectedTotal
}: OrderRequest): string {
	const lines = items?.map(({ skuId, quantity }) => ({ skuId, quantity }));
	const parts: unknown[] = [
		lines ?? null,
		addressId,
		couponCode ?? null,
		remark ?? null,
		expectedTotal ?? null
	];
	// Only where it is given: a request without points keeps the hash that it had before there were points.
	if (usePoints !== undefined) parts.push(usePoints);
	return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}
