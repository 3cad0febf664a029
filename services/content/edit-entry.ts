import { ulid } from "ulid";
import { DuplicateKey, type Store } from "../../mixins/store.mixin";
import { Refusal } from "../../schemas/errors/errors";
import type { ContentContext } from "./content.context";
import { checkPlan, type Entry } from "./entry.domain";

type Cached = Pick<ContentContext, "cache">;

/** Stores a new entry; shoppers see it with the next request. */
export async function addEntry<E extends Entry, N>(
	{ cache }: Cached,
	store: Store<E>,
	create: (id: string, given: N, now: Date) => E,
	given: N,
	id = ulid()
): Promise<E> {
	const entry = create(id, given, new Date());
	checkPlan(entry);
	await store.insert(entry).catch(refuseDuplicateSlug);
	await cache.clean("shown");
	return entry;
}

/** Stores what `patch` makes of the entry; two edits at a time are made one after the other. */
export async function editEntry<E extends Entry>(
	{ cache }: Cached,
	store: Store<E>,
	id: string,
	patch: (entry: E, now: Date) => E | Promise<E>
): Promise<E> {
	const edited = await store
		.rewrite(id, async entry => {
			const after = await patch(entry, new Date());
			checkPlan(after);
			// Only what changed: a click meanwhile is not undone.
			const changed = Object.entries(after).filter(([name, value]) => entry[name as keyof E] !== value);
			const $set = { ...Object.fromEntries(changed), updatedAt: after.updatedAt };
			return {
				guard: { updatedAt: entry.updatedAt } as object,
				update: { $set } as object
			};
		})
		.catch(refuseDuplicateSlug);
	await cache.clean("shown");
	return edited;
}

export async function removeEntry<E extends Entry>(
	{ cache }: Cached,
	store: Store<E>,
	id: string
): Promise<null> {
	await store.get(id);
	await store.remove({ _id: id } as object);
	await cache.clean("shown");
	return null;
}

function refuseDuplicateSlug(err: unknown): never {
	throw err instanceof DuplicateKey
		? new Refusal("DUPLICATE", "Another page has this slug", { field: "slug" })
		: err;
}
