import * as r from "../kit/rules";

/** Stock of a SKU as shoppers see it: "in" above the low-stock threshold, "low" up to it, "out" without units. */
export const stockLevel = r.oneOf("in", "low", "out");
export type StockLevel = r.TypeOf<typeof stockLevel>;

/** Level of `available` units when a SKU counts as low from `lowStockAt` units down. */
export const toStockLevel = (available: number, lowStockAt: number): StockLevel =>
	available <= 0 ? "out" : available <= lowStockAt ? "low" : "in";
