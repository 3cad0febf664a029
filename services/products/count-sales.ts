import { NotYetError } from "../../schemas/errors/errors";
import { DAY_MS } from "../../schemas/values/durations";
import type { PayloadOf } from "../../schemas/kit/contract";
import type { Events } from "../../schemas/registry";
import type { ProductsContext } from "./products.context";

type CompletedOrder = PayloadOf<Events["order.completed"]>;
type RefundedUnits = Pick<
	PayloadOf<Events["order.units_refunded"]>,
	"orderId" | "claimId" | "completedAt"
> & {
	readonly lines: CompletedOrder["lines"];
};
/** Stands for the claim where all money of the order was sent back; no claim has this id. */
const WHOLE_ORDER = "refunded";

/** Marks the units of one product in one order, or in a refund of it, as counted; the id is `<orderId>[:<claimId>]:<productId>`. */
export type CountedSale = { readonly _id: string; readonly at: Date };

/** Latest orders and refunds that a product names itself. */
const MAX_COUNTED_ORDERS = 50;
/** Redeliveries of a fact come within days, replays of dead letters within weeks. */
const REMEMBERED_MS = 90 * DAY_MS;

/** Adds the units of a completed order to `sales`, once. */
export const countSales = (context: ProductsContext, { orderId, lines }: CompletedOrder): Promise<void> =>
	countOnce(context, orderId, lines);

/**
 * Takes units that were refunded after their order had been completed off `sales`, once. Of an order that was completed so long
 * ago that its own count is forgotten, they stay counted.
 */
export async function uncountSales(
	context: ProductsContext,
	{ orderId, claimId, completedAt, lines }: RefundedUnits
): Promise<void> {
	if (completedAt !== undefined && Date.parse(completedAt) < Date.now() - REMEMBERED_MS) return;
	for (const { productId } of lines)
		if (!(await context.countedSales.findOne({ _id: `${orderId}:${productId}` })))
			throw new NotYetError(`The sales of order ${orderId} have not been counted yet`);
	const taken = lines.map(({ productId, quantity }) => ({ productId, quantity: -quantity }));
	await countOnce(context, `${orderId}:${claimId}`, taken);
}

/** Takes the units off `sales` that were still counted when all money of their order had been sent back, by whatever refunds. */
export async function uncountRefundedOrder(
	context: ProductsContext,
	{ orderId, completedAt, sold = [] }: PayloadOf<Events["order.refunded"]>
): Promise<void> {
	if (completedAt === undefined) return;
	await uncountSales(context, { orderId, claimId: WHOLE_ORDER, completedAt, lines: sold });
}

/**
 * Adds units to `sales` exactly once for the cause. `countedOrders` deduplicates in the same write; a `products_counted`
 * document, stored afterwards, catches a redelivery after the cause has left that list.
 */
async function countOnce(
	{ products, cache, countedSales }: ProductsContext,
	cause: string,
	lines: readonly { readonly productId: string; readonly quantity: number }[]
): Promise<void> {
	for (const productId of new Set(lines.map(line => line.productId))) {
		const counted = { _id: `${cause}:${productId}`, at: new Date() };
		if (await countedSales.findOne({ _id: counted._id })) continue;
		const units = lines.reduce(
			(sum, line) => sum + (line.productId === productId ? line.quantity : 0),
			0
		);
		await products.change(
			{ _id: productId, countedOrders: { $ne: cause } },
			{
				$inc: { sales: units },
				$push: { countedOrders: { $each: [cause], $slice: -MAX_COUNTED_ORDERS } }
			}
		);
		await cache.clean(productId);
		await countedSales.insertOnce(counted, { _id: counted._id });
	}
}

export async function forgetCountedSales({ countedSales }: ProductsContext): Promise<void> {
	await countedSales.remove({ at: { $lt: new Date(Date.now() - REMEMBERED_MS) } });
}
