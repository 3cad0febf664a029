/** Most units of one SKU in a cart or an order. */
export const MAX_UNITS = 9999;

/** Units of one SKU that a buyer wants. */
export type Demand = { readonly skuId: string; readonly quantity: number };

/** Units wanted of each SKU, in the order in which the lines first name it. */
export function sumDemand(lines: readonly Demand[]): Demand[] {
	const units = new Map<string, number>();
	for (const { skuId, quantity } of lines) units.set(skuId, (units.get(skuId) ?? 0) + quantity);
	return [...units].map(([skuId, quantity]) => ({ skuId, quantity }));
}

/** Path of the request's field that asks for a SKU: its first line in `items`; `items` itself where the cart was taken. */
export const findDemandField =
	(items: readonly Demand[] | undefined) =>
	(skuId: string): string =>
		items ? `items[${items.findIndex(line => line.skuId === skuId)}].quantity` : "items";
