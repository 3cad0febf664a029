import { SpanKind } from "@opentelemetry/api";
import {
	ATTR_DB_COLLECTION_NAME,
	ATTR_DB_OPERATION_NAME,
	ATTR_DB_SYSTEM_NAME
} from "@opentelemetry/semantic-conventions";
import type { Collection, Doc } from "../documents/collection";
import type { KeyValueStore } from "../key-value/key-value";
import { runInChildSpan } from "./spans";

/** Makes a span of each operation: its name and the collection's, never a filter or a document. */
function describeOperations(system: string, collection: string) {
	return <R>(operation: string, run: () => Promise<R>): Promise<R> =>
		runInChildSpan(
			`${operation} ${collection}`,
			{
				kind: SpanKind.CLIENT,
				attributes: {
					[ATTR_DB_SYSTEM_NAME]: system,
					[ATTR_DB_COLLECTION_NAME]: collection,
					[ATTR_DB_OPERATION_NAME]: operation
				}
			},
			run
		);
}

/** The collection, with a span of each read and write that a traced call makes. */
export function traceCollection<T extends Doc>(
	documents: Collection<T>,
	system: "mongodb" | "sqlite",
	name: string
): Collection<T> {
	const traced = describeOperations(system, name);
	return {
		index: index => documents.index(index),
		indexes: () => documents.indexes(),
		insert: (doc, alongside) => traced("insert", () => documents.insert(doc, alongside)),
		insertMissing: docs => traced("insertMissing", () => documents.insertMissing(docs)),
		findOne: (where, options) => traced("findOne", () => documents.findOne(where, options)),
		find: (where, options) => traced("find", () => documents.find(where, options)),
		count: where => traced("count", () => documents.count(where)),
		findPage: (where, options) => traced("findPage", () => documents.findPage(where, options)),
		countUpTo: (where, most) => traced("countUpTo", () => documents.countUpTo(where, most)),
		change: (where, update, options) => traced("change", () => documents.change(where, update, options)),
		changeMany: (where, update, options) =>
			traced("changeMany", () => documents.changeMany(where, update, options)),
		remove: where => traced("remove", () => documents.remove(where))
	};
}

/** The key-value store, with a span of each operation that a traced call makes. Keys may hold phones, so no span names one. */
export function traceKeyValueStore(store: KeyValueStore, system: "redis" | "sqlite"): KeyValueStore {
	const traced = describeOperations(system, "key-value");
	return {
		get: key => traced("get", () => store.get(key)),
		update: (key, next, ttlMs) => traced("update", () => store.update(key, next, ttlMs)),
		take: key => traced("take", () => store.take(key)),
		close: () => store.close()
	};
}
