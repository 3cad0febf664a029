/** How often a product was bought together with others. */
export type Together = {
	/** The product's id. */
	readonly _id: string;
	/** Other products, by the number of completed orders that had both, the most frequent first. */
	readonly others: readonly { readonly productId: string; readonly orders: number }[];
	/** Ids of the latest orders that are counted, so that a fact which comes again counts once. */
	readonly countedOrders: readonly string[];
	readonly version: number;
};

/** Other products that are kept of each. A new one takes the place of the rarest. */
const MAX_OTHERS = 100;
const MAX_COUNTED_ORDERS = 50;
/** Products of one order that are counted: the work for an order grows with the square of their number. */
export const MAX_PRODUCTS = 20;

export const createTogether = (productId: string): Together => ({
	_id: productId,
	others: [],
	countedOrders: [],
	version: 0
});

/** The product's counts with one more order; null where that order is counted. */
export function countOrder(
	together: Together,
	orderId: string,
	productIds: readonly string[]
): Pick<Together, "others" | "countedOrders"> | null {
	if (together.countedOrders.includes(orderId)) return null;
	const bought = new Set(productIds.filter(id => id !== together._id));
	const before = new Map(together.others.map(({ productId, orders }) => [productId, orders]));
	const counted = [...bought].map(productId => ({ productId, orders: (before.get(productId) ?? 0) + 1 }));
	const kept = together.others
		.filter(({ productId }) => !bought.has(productId))
		.slice(0, MAX_OTHERS - counted.length);
	return {
		others: [...counted, ...kept].sort((a, b) => b.orders - a.orders),
		countedOrders: [...together.countedOrders, orderId].slice(-MAX_COUNTED_ORDERS)
	};
}
