import type { SearchContext } from "./search.context";

/** Most queries that the shop remembers of a user. */
const MAX_QUERIES = 50;

type Histories = Pick<SearchContext, "histories">;

/** Puts the query first among the user's own; one that was asked before moves. */
export async function addOwnQuery({ histories }: Histories, userId: string, q: string): Promise<void> {
	await histories.rewrite(
		userId,
		({ queries, version }) => {
			if (queries[0]?.q === q) return null;
			const others = queries.filter(query => query.q !== q);
			const next = [{ q, at: new Date() }, ...others].slice(0, MAX_QUERIES);
			return { guard: { version }, update: { $set: { queries: next }, $inc: { version: 1 } } };
		},
		{ initial: { _id: userId, version: 0, queries: [] } }
	);
}

export async function readOwnQueries({ histories }: Histories, userId: string) {
	const queries = (await histories.findOne({ _id: userId }))?.queries ?? [];
	return queries.map(({ q, at }) => ({ q, at: at.toISOString() }));
}

export async function forgetOwnQueries({ histories }: Histories, userId: string): Promise<void> {
	await histories.remove({ _id: userId });
}
