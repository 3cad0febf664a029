import { DAY_MS } from "../../schemas/values/durations";
import type { PayloadOf } from "../../schemas/kit/contract";
import type { Events } from "../../schemas/registry";
import type { ProductsContext } from "./products.context";

type CompletedOrder = PayloadOf<Events["order.completed"]>;

/** Marks the units of one product in one order as counted; the id is `<orderId>:<productId>`. */
export type CountedSale = { readonly _id: string; readonly at: Date };

/** Latest orders that a product names itself. */
const MAX_COUNTED_ORDERS = 50;
/** Redeliveries of a fact come within days, replays of dead letters within weeks. */
const REMEMBERED_MS = 90 * DAY_MS;

/**
 * Adds an order's units to `sales` exactly once. `countedOrders` deduplicates in the same write; a `products_counted`
 * document, stored afterwards, catches a redelivery after the order has left that list.
 */
export async function countSales(
	{ products, cache, countedSales }: ProductsContext,
	{ orderId, lines }: CompletedOrder
): Promise<void> {
	for (const productId of new Set(lines.map(line => line.productId))) {
		const counted = { _id: `${orderId}:${productId}`, at: new Date() };
		if (await countedSales.findOne({ _id: counted._id })) continue;
		const sold = lines.reduce((sum, line) => sum + (line.productId === productId ? line.quantity : 0), 0);
		await products.change(
			{ _id: productId, countedOrders: { $ne: orderId } },
			{
				$inc: { sales: sold },
				$push: { countedOrders: { $each: [orderId], $slice: -MAX_COUNTED_ORDERS } }
			}
		);
		await cache.clean(productId);
		await countedSales.insertOnce(counted, { _id: counted._id });
	}
}

export async function forgetCountedSales({ countedSales }: ProductsContext): Promise<void> {
	await countedSales.remove({ at: { $lt: new Date(Date.now() - REMEMBERED_MS) } });
}
