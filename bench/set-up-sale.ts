import { readFileSync } from "node:fs";
import { join } from "node:path";
import { aSku, type StaffClient } from "../tests/support/builders";
import type { Customer } from "../tests/support/crowd";
import { runScript } from "./processes";

/** Creates customers in a process of its own, so that hashing their passwords is no part of the measurement. */
export async function createCustomersElsewhere(
	env: Readonly<Record<string, string>> | null,
	size: number
): Promise<Customer[]> {
	const dataDir = env?.["DATA_DIR"] ?? "";
	const file = join(dataDir, "customers.json");
	await runScript("create-customers.ts", env, dataDir, String(size), file);
	return JSON.parse(readFileSync(file, "utf8")) as Customer[];
}

/** Puts one product on the shelf and divides the units among its SKUs; resolves to the SKU ids. */
export async function putSkusOnSale(staff: StaffClient, skus: number, units: number): Promise<string[]> {
	const attributes = Array.from({ length: skus }, (_, n) => ({ 颜色: `色${n}` }));
	const product = await staff.addProductOnShelf({ skus: attributes.map(a => aSku({ attributes: a })) });
	const skuIds = (product.skus as { id: string }[]).map(({ id }) => id);
	for (const skuId of skuIds) await staff.addStock(skuId, units / skus);
	return skuIds;
}
