import type { Collection, Doc, Where } from "../infrastructure/documents/collection";
import type { FactsTransport } from "../infrastructure/facts/transport";

/** The stores that the checks read. */
export type InvariantsContext = {
	readonly collection: <T extends Doc>(name: string) => Pick<Collection<T>, "find">;
	readonly facts: Pick<FactsTransport, "deadLetters" | "lag">;
	/** The names of all collections whose documents have an outbox. */
	readonly outboxCollections: readonly string[];
	/** The time against which deadlines are checked. */
	readonly now: Date;
};

/** Yields every matching document of a collection, read page by page. */
export async function* readAll<T extends Doc>(
	context: InvariantsContext,
	name: string,
	where?: Where<T>
): AsyncGenerator<T> {
	const documents = context.collection<T>(name);
	for (let after = ""; ;) {
		const page = await documents.find(
			{ ...where, _id: { $gt: after } },
			{ sort: { _id: 1 }, limit: 500 }
		);
		yield* page;
		const last = page.at(-1);
		if (!last) return;
		after = last._id;
	}
}

export const secondsAgo = ({ now }: InvariantsContext, seconds: number): Date =>
	new Date(now.getTime() - seconds * 1000);

export const sumOf = <T>(all: readonly T[], of: (one: T) => number): number =>
	all.reduce((sum, one) => sum + of(one), 0);
