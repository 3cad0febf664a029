import { readFileSync } from "node:fs";
import { join } from "node:path";
import { aSku, type StaffClient } from "../tests/support/builders";
import type { Customer } from "../tests/support/crowd";
import { script } from "./processes";

/** Customers that another process makes: how they come to be is not what is measured. */
export async function customers(
	books: Readonly<Record<string, string>> | null,
	size: number
): Promise<Customer[]> {
	const dataDir = books?.["DATA_DIR"] ?? "";
	const file = join(dataDir, "customers.json");
	await script("crowd.ts", books, dataDir, String(size), file);
	return JSON.parse(readFileSync(file, "utf8")) as Customer[];
}

/** SKUs of one product on the shelf, the units divided between them. */
export async function forSale(staff: StaffClient, skus: number, units: number): Promise<string[]> {
	const attributes = Array.from({ length: skus }, (_, n) => ({ 颜色: `色${n}` }));
	const product = await staff.addProductOnShelf({ skus: attributes.map(a => aSku({ attributes: a })) });
	const skuIds = (product.skus as { id: string }[]).map(({ id }) => id);
	for (const skuId of skuIds) await staff.addStock(skuId, units / skus);
	return skuIds;
}
