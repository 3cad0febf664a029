import { invalid, invalidState, notFound, type Refusal } from "../../schemas/errors/errors";
import { nounOfCollection } from "../../schemas/errors/nouns";
import { DEFAULT_PAGE_SIZE, MAX_LIST_DEPTH } from "../../schemas/kit/rules";
import type { Fact } from "../../schemas/registry";
import { newId } from "../../schemas/values/new-id";
import {
	DuplicateKey,
	type ChangeOptions,
	type Collection,
	type Doc,
	type FindOptions,
	type Sort,
	type Tally,
	type Update,
	type Where
} from "./collection";
import type { StoredFact } from "../facts/transport";
import { tracing } from "../opentelemetry/tracing";
import { retryConflicts, type Backoff } from "./conflicts";
import type { Outbox, WithOutbox } from "./outbox";

/** The page of a list to read: by number from 1, or from `cursor` (the `nextCursor` of the page before). */
export type PageQuery = {
	readonly page?: number | undefined;
	readonly pageSize?: number | undefined;
	readonly cursor?: string | undefined;
};
export type Page<T> = {
	items: T[];
	page: number;
	pageSize: number;
	total: number;
	/** There are, or may be, more entries than `total`. */
	totalIsAtLeast?: boolean;
	nextCursor?: string | null;
};

/** The stored form of a document. Filters may also name the fields of its outbox. */
type Stored<T> = T & WithOutbox;

/** A decided change of one document. `guard` holds what the decision rests on, such as the version that was read. */
export type GuardedChange<T extends Doc> = {
	readonly guard: Where<Stored<T>>;
	readonly update: Update<T>;
	readonly facts?: readonly Fact[];
};

/** One collection as its service uses it: guarded writes, each with the facts that it makes true. */
export class Store<T extends Doc> {
	constructor(
		private readonly documents: Collection<T>,
		private readonly outbox: Outbox,
		readonly name: string,
		private readonly backoff?: Backoff
	) {}

	/** Refuses with NOT_FOUND. `scope` narrows further, say to one user, whose foreign documents then look missing. */
	async get(_id: string, scope: Where<Stored<T>> = {}): Promise<T> {
		const doc = await this.documents.findOne({ ...scope, _id });
		if (!doc) throw this.notFound(_id);
		return doc;
	}

	findOne(where: Where<Stored<T>>, options?: FindOptions): Promise<T | null> {
		return this.documents.findOne(where, options);
	}

	find(where: Where<Stored<T>>, options?: FindOptions): Promise<T[]> {
		return this.documents.find(where, options);
	}

	count(where: Where<Stored<T>>): Promise<number> {
		return this.documents.count(where);
	}

	/** Counts the entries of a list: exactly up to MAX_LIST_DEPTH. */
	countList(where: Where<Stored<T>>): Promise<Tally> {
		return this.documents.countUpTo(where, MAX_LIST_DEPTH);
	}

	/**
	 * Reads a page by number in any order, or by cursor in an order of ids; refuses a cursor in another order. The cost is
	 * bounded: `total` is counted up to MAX_LIST_DEPTH, and where a filter leaves too much to read, a page by id has fewer items
	 * than asked for and its `nextCursor` goes on. `count` is for callers that cache the number of matches.
	 */
	async page(
		where: Where<Stored<T>>,
		{ page = 1, pageSize = DEFAULT_PAGE_SIZE, cursor }: PageQuery,
		sort: Sort = { _id: -1 },
		count: () => Promise<Tally> = () => this.countList(where)
	): Promise<Page<T>> {
		const direction = sort["_id"];
		const byId = direction !== undefined && Object.keys(sort).length === 1;
		if (cursor !== undefined && !byId) throw invalid("cursor", "cursorOrder");
		const range = cursor !== undefined && { _id: direction === -1 ? { $lt: cursor } : { $gt: cursor } };
		const from = range ? ({ $and: [where, range] } as Where<Stored<T>>) : where;
		const skip = range ? 0 : (page - 1) * pageSize;
		const [{ docs, stoppedAt }, { count: total, more }] = await Promise.all([
			this.documents.findPage(from, { sort, skip, limit: pageSize + 1 }),
			count()
		]);
		const items = docs.slice(0, pageSize);
		const last = docs.length > pageSize ? items.at(-1)?._id : stoppedAt;
		return {
			items,
			page,
			pageSize,
			total,
			...(more && { totalIsAtLeast: true }),
			...(byId && { nextCursor: last ?? null })
		};
	}

	/** Stores a new document and its facts in one write; rejects with `DuplicateKey`. */
	async insert(doc: T, ...facts: Fact[]): Promise<T> {
		if (facts.length) await this.outbox.insert(this.documents, doc, toStoredFacts(facts));
		else await this.documents.insert(doc);
		return doc;
	}

	/** `insert` that resolves to null, having stored nothing, where a unique key is taken. */
	async tryInsert(doc: T, ...facts: Fact[]): Promise<T | null> {
		try {
			return await this.insert(doc, ...facts);
		} catch (err) {
			if (err instanceof DuplicateKey) return null;
			throw err;
		}
	}

	/** `insert` that resolves to the document found by `key` where a unique key is taken. */
	async insertOnce(doc: T, key: Where<Stored<T>>, ...facts: Fact[]): Promise<T> {
		try {
			return await this.insert(doc, ...facts);
		} catch (err) {
			const existing = err instanceof DuplicateKey ? await this.documents.findOne(key) : null;
			if (!existing) throw err;
			return existing;
		}
	}

	/** Stores the documents whose ids are free and resolves to these. For seeds and imports, without facts. */
	insertMissing(docs: readonly T[]): Promise<T[]> {
		return this.documents.insertMissing(docs);
	}

	/**
	 * Updates one matching document and puts the facts on its outbox, in one atomic write. Resolves to the document after the
	 * write, or to null where none matches. Rejects with `DuplicateKey` when the update breaks a unique index.
	 */
	async change(
		where: Where<Stored<T>>,
		update: Update<T>,
		facts: readonly Fact[] = [],
		options?: ChangeOptions
	): Promise<T | null> {
		return facts.length
			? this.outbox.change(this.documents, where, update, toStoredFacts(facts), options)
			: this.documents.change(where, update, options);
	}

	/**
	 * `change` for a guard that the caller must meet: refuses with NOT_FOUND, and where the guard fails with what `refuse` makes
	 * of the document as it is then, by default INVALID_STATE.
	 */
	async mustChange(
		_id: string,
		guard: Where<Stored<T>>,
		update: Update<T>,
		facts: readonly Fact[] = [],
		refuse: (doc: T) => Refusal = doc => this.notInState(doc)
	): Promise<T> {
		const doc = await this.change({ ...guard, _id }, update, facts);
		if (doc) return doc;
		throw refuse(await this.get(_id));
	}

	/**
	 * Changes a document by optimistic concurrency: reads it, lets `decide` return a guarded change, and writes the change if
	 * the guard still holds; otherwise reads and decides again. Resolves to the document after the write, or to the document
	 * that was read if `decide` returns null. `decide` runs once an attempt, so it must not write. A missing document is
	 * refused with NOT_FOUND, or begins as `initial`, which is stored only when `decide` returns a change. Refuses with
	 * SERVICE_UNAVAILABLE after 30 attempts.
	 */
	rewrite(
		_id: string,
		decide: (doc: T) => GuardedChange<T> | null | Promise<GuardedChange<T> | null>,
		{ initial }: { readonly initial?: T } = {}
	): Promise<T> {
		return this.retryConflicts(_id, async () => {
			const stored = await this.documents.findOne({ _id });
			const doc = stored ?? initial;
			if (!doc) throw this.notFound(_id);
			const change = await decide(doc);
			if (!change) return doc;
			if (!stored) await this.tryInsert(doc);
			return this.change({ ...change.guard, _id }, change.update, change.facts);
		});
	}

	/**
	 * Repeats an optimistic write while it resolves to null, at most 30 times, then refuses with SERVICE_UNAVAILABLE. For writes
	 * that are no `rewrite`, such as an insert under the next free key. `id` names the contended entry in the refusal.
	 */
	retryConflicts<R>(id: string, attempt: () => Promise<R | null>): Promise<R> {
		return retryConflicts({ collection: this.name, id }, attempt, this.backoff);
	}

	changeMany(where: Where<Stored<T>>, update: Update<T>): Promise<number> {
		return this.documents.changeMany(where, update);
	}

	remove(where: Where<Stored<T>>): Promise<number> {
		return this.documents.remove(where);
	}

	private notFound(id: string): Refusal {
		return notFound(nounOfCollection(this.name), id);
	}

	private notInState({ _id: id, status }: T & { readonly status?: unknown }): Refusal {
		const state = typeof status === "string" ? status : "changed";
		return invalidState(`The entry of ${this.name} is not in a state for this`, {
			id,
			state,
			allowed: []
		});
	}
}

const toStoredFacts = (facts: readonly Fact[]): StoredFact[] => {
	const at = new Date();
	const traceparent = tracing?.formatActiveTraceparent();
	return facts.map(({ event, payload }) => ({
		id: newId(),
		event,
		payload: { ...payload },
		at,
		...(traceparent !== undefined && { traceparent })
	}));
};
