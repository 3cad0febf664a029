import type { StockLevel } from "../../schemas/products.contract";

/** What shoppers see of a number of units. */
export const levelAt = (available: number, low: number): StockLevel =>
	available <= 0 ? "out" : available <= low ? "low" : "in";
