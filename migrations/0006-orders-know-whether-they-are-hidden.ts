import type { OpenCollection } from "../infrastructure/documents/declared";

/** Fills `hidden`, by which a buyer's list filters, in the orders that their owners have not removed from it. */
export async function up(collection: OpenCollection): Promise<void> {
	await collection("orders").changeMany({ hidden: { $exists: false } }, { $set: { hidden: false } });
}
