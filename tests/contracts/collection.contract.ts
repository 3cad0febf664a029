import type { Collection } from "../../infrastructure/documents/collection";
import { documentsContract } from "./collection/documents.contract";
import { filtersContract } from "./collection/filters.contract";
import { guardedWritesContract } from "./collection/guarded-writes.contract";
import { orderContract } from "./collection/order.contract";
import { uniqueIndexesContract } from "./collection/unique-indexes.contract";
import { updatesContract } from "./collection/updates.contract";
import type { CollectionSuite, Item } from "./collection/suite";

export type { Item } from "./collection/suite";

/**
 * Behaviour that every implementation of `Collection` shares. `makeCollection` gives a new, empty collection at each call.
 * Nothing here needs a partial index, the positional `$`, a pipeline, a transaction or a text index. `gaps` are titles of tests
 * that a stand-in for MongoDB fails; no service may need what they show.
 */
export function collectionContract(
	name: string,
	makeCollection: () => Promise<Collection<Item>>,
	gaps: readonly string[] = []
): void {
	const missing = new Set(gaps);
	const suite: CollectionSuite = {
		name,
		behaviour: (title, test) => (missing.delete(title) ? it.skip : it)(title, test),
		async holding(docs, ...indexes) {
			const items = await makeCollection();
			for (const index of indexes) await items.index(index);
			await items.insertMissing(docs);
			return items;
		}
	};
	documentsContract(suite);
	filtersContract(suite);
	orderContract(suite);
	updatesContract(suite);
	guardedWritesContract(suite);
	uniqueIndexesContract(suite);
	if (missing.size) throw new Error(`No test is called: ${[...missing].join("; ")}`);
}
