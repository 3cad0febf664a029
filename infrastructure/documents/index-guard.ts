import type { Collection, Doc, FindOptions, Index, Where } from "./collection";
import { isPlainObject } from "./language/codec";
import type { CollectionDeclaration } from "./declared";
import { planQuery, primaryIndex } from "./sqlite/plan";
import { makeIndexFields, type IndexTable } from "./sqlite/plan-shape";

/** Refusal of a query that would scan its whole collection. */
export class UnindexedQuery extends Error {
	constructor(collection: string, where: Where) {
		super(`No index behind this query of ${collection}: ${filterShape(where)}`);
		this.name = "UnindexedQuery";
	}
}

/** Messages of the queries refused in this process, for tests: a background sweep can report them only to the log. */
export const refusedQueries = new Set<string>();

/**
 * Wraps a collection so that a query which no declared index narrows is refused. For tests and development, on SQLite and
 * MongoDB alike: with few documents a scan is as fast as an index, so a missing index would go unnoticed. A page in the order
 * of an index and the count of all documents are allowed.
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
		insert: (doc, alongside) => documents.insert(doc, alongside),
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
		async findPage(where, options) {
			assertIndexed(where, options);
			return documents.findPage(where, options);
		},
		async countUpTo(where, most) {
			if (Object.keys(where).length > 0) assertIndexed(where);
			return documents.countUpTo(where, most);
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

/** The index in the planner's form. Only documents could tell which paths lead through arrays; the planner assumes none. */
function indexTableOf({ keys, unique = false, sparse = false }: Index, n: number): IndexTable {
	const fields = makeIndexFields(keys);
	const name = fields.map(({ path }) => path).join(",");
	return { name, table: `index_${n}`, fields, unique, sparse, multikey: [] };
}

/** The filter without its values, which may be personal data: `{ userId: ?, createdAt: { $lt: ? } }`. */
function filterShape(filter: unknown): string {
	if (Array.isArray(filter) && filter.some(isPlainObject)) return `[${filter.map(filterShape).join(", ")}]`;
	if (!isPlainObject(filter)) return "?";
	const fields = Object.entries(filter).map(([path, below]) => `${path}: ${filterShape(below)}`);
	return fields.length ? `{ ${fields.join(", ")} }` : "{}";
}
