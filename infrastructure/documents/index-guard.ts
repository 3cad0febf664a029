import type { Collection, Doc, FindOptions, Index, Where } from "./collection";
import { isPlainObject } from "./language/codec";
import type { CollectionDeclaration } from "./declared";
import type { IndexTable } from "./sqlite/indexes";
import { planQuery, primaryIndex } from "./sqlite/plan";

/** A query that would look at every document of its collection. */
export class UnindexedQuery extends Error {
	constructor(collection: string, where: Where) {
		super(`No index behind this query of ${collection}: ${filterShape(where)}`);
		this.name = "NoIndex";
	}
}

/** Those that were refused in this process: a sweep in the background has nobody to tell but the log. */
export const refusedQueries = new Set<string>();

/**
 * The collection, refusing every query that none of its declared indexes narrows: with few documents a scan is as quick as
 * an index, and nobody would notice. For tests and development, whatever the documents are stored in. A page of everything
 * in the order of an index is no scan, nor is the number of all.
 */
export function guardIndexes<T extends Doc>(
	documents: Collection<T>,
	{ name, indexes, scans }: CollectionDeclaration
): Collection<T> {
	if (scans) return documents;
	const tables = [primaryIndex(name), ...indexes.map(indexTableOf)];
	const assertIndexed = (where: Where, { sort, limit }: FindOptions = {}): void => {
		if (planQuery(tables, where, undefined, false).every(({ narrows }) => narrows)) return;
		const [plan] = planQuery(tables, where, sort, true);
		if (limit !== undefined && plan?.exact && plan.order) return;
		const refusal = new UnindexedQuery(name, where);
		refusedQueries.add(refusal.message);
		throw refusal;
	};
	return {
		index: index => documents.index(index),
		indexes: () => documents.indexes(),
		insert: doc => documents.insert(doc),
		insertMissing: docs => documents.insertMissing(docs),
		async findOne(where, options) {
			assertIndexed(where, { ...options, limit: 1 });
			return documents.findOne(where, options);
		},
		async find(where, options) {
			assertIndexed(where, options);
			return documents.find(where, options);
		},
		async count(where) {
			if (Object.keys(where).length > 0) assertIndexed(where);
			return documents.count(where);
		},
		async change(where, update, options) {
			assertIndexed(where);
			return documents.change(where, update, options);
		},
		async changeMany(where, update, options) {
			assertIndexed(where);
			return documents.changeMany(where, update, options);
		},
		async remove(where) {
			assertIndexed(where);
			return documents.remove(where);
		}
	};
}

/** An index as the planner knows it. Which of its paths lead through arrays, only documents could tell. */
function indexTableOf({ keys, unique = false, sparse = false }: Index, n: number): IndexTable {
	const fields = Object.entries(keys).map(([path, direction], i) => ({
		path,
		parts: path.split("."),
		direction,
		column: `k${i}`
	}));
	const name = fields.map(({ path }) => path).join(",");
	return { name, table: `index_${n}`, fields, unique, sparse, multikey: [] };
}

/** The filter with its values left out, which may be a person's: `{ userId: ?, createdAt: { $lt: ? } }`. */
function filterShape(filter: unknown): string {
	if (Array.isArray(filter) && filter.some(isPlainObject)) return `[${filter.map(filterShape).join(", ")}]`;
	if (!isPlainObject(filter)) return "?";
	const fields = Object.entries(filter).map(([path, below]) => `${path}: ${filterShape(below)}`);
	return fields.length ? `{ ${fields.join(", ")} }` : "{}";
}
