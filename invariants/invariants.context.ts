import type { Collection, Doc, Where } from "../infrastructure/documents/collection";
import type { FactsTransport } from "../infrastructure/facts/transport";

/** Some documents of one collection: those with an id above `after` and up to `upTo`, or those with these ids. */
export type Slice = { readonly collection: string } & (
	{ readonly after: string; readonly upTo: string } | { readonly ids: readonly string[] }
);

/** The stores that the checks read. */
export type InvariantsContext = {
	/** Only these documents are checked, against all that they refer to. Absent: every document. */
	readonly slice?: Slice;
	readonly collection: <T extends Doc>(name: string) => Pick<Collection<T>, "find" | "countUpTo">;
	readonly facts: Pick<FactsTransport, "deadLetters" | "lag">;
	/** The names of all collections whose documents have an outbox. */
	readonly outboxCollections: readonly string[];
	/** The time against which deadlines are checked. */
	readonly now: Date;
};

const BATCH_SIZE = 500;

/** Yields the matching documents of a collection that are to be checked, in batches, so that memory is bounded. */
export async function* readBatches<T extends Doc>(
	context: InvariantsContext,
	name: string,
	where?: Where<T>
): AsyncGenerator<readonly T[]> {
	const documents = context.collection<T>(name);
	const { slice } = context;
	if (slice && slice.collection !== name) return;
	if (slice && "ids" in slice) {
		yield documents.find({ ...where, _id: { $in: slice.ids } });
		return;
	}
	for (let after = slice?.after ?? ""; ;) {
		const batch = await documents.find(
			{ ...where, _id: { $gt: after, ...(slice && { $lte: slice.upTo }) } },
			{ sort: { _id: 1 }, limit: BATCH_SIZE }
		);
		const last = batch.at(-1);
		if (!last) return;
		yield batch;
		after = last._id;
	}
}

/** Yields the matching documents of a collection that are to be checked. */
export async function* readAll<T extends Doc>(
	context: InvariantsContext,
	name: string,
	where?: Where<T>
): AsyncGenerator<T> {
	for await (const batch of readBatches(context, name, where)) yield* batch;
}

/** Reads the documents with these ids, in one query. */
export async function readByIds<T extends Doc>(
	context: InvariantsContext,
	name: string,
	ids: readonly string[]
): Promise<ReadonlyMap<string, T>> {
	if (ids.length === 0) return new Map();
	const found = await context.collection<T>(name).find({ _id: { $in: ids } });
	return new Map(found.map(doc => [doc._id, doc]));
}

export const secondsAgo = ({ now }: InvariantsContext, seconds: number): Date =>
	new Date(now.getTime() - seconds * 1000);

export const sumOf = <T>(all: readonly T[], of: (one: T) => number): number =>
	all.reduce((sum, one) => sum + of(one), 0);
