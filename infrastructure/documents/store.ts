import { ulid } from "ulid";
import { Refusal } from "../../schemas/errors";
import type { Fact } from "../../schemas/registry";
import {
	DuplicateKey,
	type ChangeOptions,
	type Collection,
	type Doc,
	type FindOptions,
	type Sort,
	type Update,
	type Where
} from "./collection";
import { retryConflicts, type Backoff } from "./conflicts";
import type { Outbox, WithOutbox } from "./outbox";
import type { StoredFact } from "../facts/transport";

/** A list's page, by number or, when `cursor` is given, onwards from there by `_id`. */
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
	nextCursor?: string | null;
};

/** The fields that a filter may name: those of the document, and those of its outbox. */
type Stored<T> = T & WithOutbox;

/** A guarded change of one document. `guard` names what the decision rests on, such as the version that was read. */
export type GuardedChange<T extends Doc> = {
	readonly guard: Where<Stored<T>>;
	readonly update: Update<T>;
	readonly facts?: readonly Fact[];
};

/** The documents of one collection as its service sees them: guarded writes that carry their facts. */
export class Store<T extends Doc> {
	constructor(
		private readonly documents: Collection<T>,
		private readonly outbox: Outbox,
		readonly name: string,
		private readonly backoff?: Backoff
	) {}

	/** Refuses with NOT_FOUND; `also` narrows further, so that a foreign document is as absent as a missing one. */
	async get(_id: string, also: Where<Stored<T>> = {}): Promise<T> {
		const doc = await this.documents.findOne({ ...also, _id });
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

	/** By page number in the given order; or, for lists without bound, by cursor from the newest id to the oldest. */
	async page(
		where: Where<Stored<T>>,
		{ page = 1, pageSize = 20, cursor }: PageQuery,
		sort: Sort = { _id: -1 }
	): Promise<Page<T>> {
		const byId = sort["_id"] === -1;
		const from = byId && cursor ? { ...where, _id: { $lt: cursor } } : where;
		const skip = cursor ? 0 : (page - 1) * pageSize;
		const [found, total] = await Promise.all([
			this.documents.find(from, { sort, skip, limit: pageSize + 1 }),
			this.documents.count(where)
		]);
		const items = found.slice(0, pageSize);
		const more = found.length > pageSize ? items.at(-1)?._id : undefined;
		return { items, page, pageSize, total, ...(byId && { nextCursor: more ?? null }) };
	}

	/** Stores a new document and its facts in one write; rejects with `DuplicateKey`. */
	async insert(doc: T, ...facts: Fact[]): Promise<T> {
		const told = facts.length ? { ...doc, outbox: toStoredFacts(facts), outboxAt: new Date() } : doc;
		await this.documents.insert(told);
		this.outbox.relay(told);
		return doc;
	}

	/** Stores a new document and its facts in one write; resolves to null, and stores nothing, where a unique key is taken. */
	async tryInsert(doc: T, ...facts: Fact[]): Promise<T | null> {
		try {
			return await this.insert(doc, ...facts);
		} catch (err) {
			if (err instanceof DuplicateKey) return null;
			throw err;
		}
	}

	/** Stores the document, or answers the one that stands under the same unique key already. */
	async insertOnce(doc: T, key: Where<Stored<T>>, ...facts: Fact[]): Promise<T> {
		try {
			return await this.insert(doc, ...facts);
		} catch (err) {
			const there = err instanceof DuplicateKey ? await this.documents.findOne(key) : null;
			if (!there) throw err;
			return there;
		}
	}

	/** Stores those that are not there yet and answers them. For seeds and imports; no facts. */
	insertMissing(docs: readonly T[]): Promise<T[]> {
		return this.documents.insertMissing(docs);
	}

	/**
	 * One atomic write: the update and the facts (onto the document's outbox), where `where` still holds; else null and
	 * nothing happened. Rejects with `DuplicateKey` when the update breaks a unique index.
	 */
	async change(
		where: Where<Stored<T>>,
		update: Update<T>,
		facts: readonly Fact[] = [],
		options?: ChangeOptions
	): Promise<T | null> {
		const now = new Date();
		const withFacts: Update = facts.length
			? {
					...update,
					$set: { ...update.$set, outboxAt: now },
					$push: { ...update.$push, outbox: { $each: toStoredFacts(facts, now) } }
				}
			: update;
		const doc = await this.documents.change(where, withFacts as Update<T>, options);
		if (doc && facts.length) this.outbox.relay(doc);
		return doc;
	}

	/** `change`, where a guard that fails is the caller's fault: refuses with NOT_FOUND or INVALID_STATE. */
	async mustChange(
		_id: string,
		guard: Where<Stored<T>>,
		update: Update<T>,
		facts: readonly Fact[] = []
	): Promise<T> {
		const doc = await this.change({ ...guard, _id }, update, facts);
		if (doc) return doc;
		await this.get(_id);
		throw new Refusal("INVALID_STATE", `The entry of ${this.name} is not in a state for this`, {
			id: _id
		});
	}

	/**
	 * Optimistic concurrency: reads the document, has `decide` say the guarded change of it, and writes that where the guard
	 * still holds; else reads and decides again. Resolves to the document after the write, or as it was read where `decide`
	 * says null. `decide` runs once an attempt, so it must not write. Where there is no document, starts from `initial`, which
	 * is stored only together with a change, or refuses with NOT_FOUND. Refuses with SERVICE_UNAVAILABLE after 30 attempts.
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
	 * For optimistic writes that are no `rewrite`, such as an insert under the next free key: repeats an attempt while it
	 * resolves to null, at most 30 times, then refuses with SERVICE_UNAVAILABLE. `id` names the contended entry in the refusal.
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
		return new Refusal("NOT_FOUND", `No such entry in ${this.name}`, { id });
	}
}

const toStoredFacts = (facts: readonly Fact[], at = new Date()): StoredFact[] =>
	facts.map(({ event, payload }) => ({ id: ulid(), event, payload: { ...payload }, at }));
