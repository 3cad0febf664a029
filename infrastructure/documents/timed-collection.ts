import type { Collection, Doc } from "./collection";

type Operation = "read" | "write";
export type ObserveOperation = (seconds: number, labels: { readonly operation: Operation }) => void;

const READ = { operation: "read" } as const;
const WRITE = { operation: "write" } as const;

/** Observes how long a promise takes to settle, without delaying it. */
export function observeDuration<R, L>(
	observe: (seconds: number, labels: L) => void,
	labels: L,
	work: () => Promise<R>
): Promise<R> {
	const startedAt = performance.now();
	const running = work();
	const end = () => observe((performance.now() - startedAt) / 1000, labels);
	running.then(end, end);
	return running;
}

/** Wraps a collection so that the duration of each operation is observed. */
export function timeCollection<T extends Doc>(
	documents: Collection<T>,
	observe: ObserveOperation
): Collection<T> {
	const read = <R>(work: () => Promise<R>) => observeDuration(observe, READ, work);
	const write = <R>(work: () => Promise<R>) => observeDuration(observe, WRITE, work);
	return {
		index: index => documents.index(index),
		indexes: () => documents.indexes(),
		insert: (doc, alongside) => write(() => documents.insert(doc, alongside)),
		insertMissing: docs => write(() => documents.insertMissing(docs)),
		findOne: (where, options) => read(() => documents.findOne(where, options)),
		find: (where, options) => read(() => documents.find(where, options)),
		count: where => read(() => documents.count(where)),
		findPage: (where, options) => read(() => documents.findPage(where, options)),
		countUpTo: (where, most) => read(() => documents.countUpTo(where, most)),
		change: (where, update, options) => write(() => documents.change(where, update, options)),
		changeMany: (where, update, options) => write(() => documents.changeMany(where, update, options)),
		remove: where => write(() => documents.remove(where))
	};
}
