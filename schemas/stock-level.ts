import { oneOf, type TypeOf } from "./kit";

/** Stock of a SKU as shoppers see it: "in" above the low-stock threshold, "low" up to it, "out" without units. */
export const stockLevel = oneOf("in", "low", "out");
export type StockLevel = TypeOf<typeof stockLevel>;

/** Level of `available` units when a SKU counts as low from `lowStockAt` units down. */
export const toStockLevel = (available: number, lowStockAt: number): StockLevel =>
	available <= 0 ? "out" : available <= lowStockAt ? "low" : "in";
