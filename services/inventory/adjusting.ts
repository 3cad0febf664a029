import { Refusal } from "../../schemas/errors";
import { count, open, settle, type Books } from "./counting";
import type { Stock } from "./stock.domain";

export type Adjustment = {
	readonly delta: number;
	readonly cause: string;
	readonly by: string;
	readonly reason: string;
};

/** Adds units or takes some off, once for its cause: again, it changes nothing and answers the present stock. */
export async function adjust(books: Books, skuId: string, { delta, ...why }: Adjustment): Promise<Stock> {
	const { available } = await open(books, skuId);
	const entry = await count(books, skuId, { ...why, type: "adjust", quantity: delta, orderId: null });
	if (!entry)
		throw new Refusal("OUT_OF_STOCK", "Stock cannot go below zero", {
			items: [{ skuId, requested: -delta, available }]
		});
	if (entry.quantity !== delta)
		throw new Refusal("IDEMPOTENCY_KEY_REUSED", "The key was used for another change");
	await settle(books, skuId, entry);
	return books.stock.get(skuId);
}

/** The first stock of a SKU; one that was ever counted keeps what it has. */
export async function seed(books: Books, skuId: string, available: number): Promise<void> {
	const stock = await open(books, skuId);
	if (stock.version === 0 && available > 0)
		await adjust(books, skuId, { delta: available, cause: "seed", by: "system", reason: "First stock" });
}
