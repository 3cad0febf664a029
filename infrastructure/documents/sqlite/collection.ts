import { setImmediate } from "node:timers/promises";
import type { DatabaseSync } from "node:sqlite";
import {
	DuplicateKey,
	MAX_DOCUMENTS_READ,
	MAX_ROWS_COUNTED,
	type Alongside,
	type ChangeOptions,
	type Collection,
	type Doc,
	type FindOptions,
	type FoundPage,
	type Index,
	type PageOptions,
	type Sort,
	type Tally,
	type Update,
	type Where
} from "../collection";
import { Refusal } from "../../../schemas/errors/errors";
import { DiskError } from "../../disk-error";
import { groupCommitOf } from "../../group-commit";
import { copyPlain, decodeJson, encodeJson, projectFields } from "../language/codec";
import { compileFilter } from "../language/filter";
import { sortDocuments } from "../language/value-order";
import { applyUpdate } from "../language/update";
import { definitionsVersionOf } from "./definitions";
import { ReadBudget, SqliteDocuments, type StoredDocument } from "./documents";
import { SqliteIndexes, type DocumentKeys } from "./indexes";
import { isCountable, readsOwnTable, runsInOrder, runsOnce, type IndexTable, type Plan } from "./plan-shape";
import { upgradeFile } from "./upgrade-file";
import { runInReadTransaction } from "./statements";

/** The plan of a query, for tests. */
export type Explanation = {
	/** The paths of the index, "scan" without one; for the branches of an `$or` joined by " | ". */
	readonly index: string;
	/** True: only a part of the index is read. False: the index gives the order only, and all documents may be read. */
	readonly narrows: boolean;
	/** The rows come in order: nothing is sorted in memory. */
	readonly ordered: boolean;
	/** The index answers the whole filter: no document is tested. */
	readonly exact: boolean;
};

/** Documents changed in one transaction; other writers get their turn between two transactions. */
const BATCH_SIZE = 100;

/** A collection in the SQLite file: a table of JSON documents with their index keys. */
export class SqliteCollection<T extends Doc> implements Collection<T> {
	private readonly indexTables: SqliteIndexes;
	private readonly documents: SqliteDocuments<T>;
	private readonly group;
	private readonly definitions;

	constructor(
		private readonly db: DatabaseSync,
		private readonly name: string
	) {
		if (!/^[a-z]\w*$/i.test(name)) throw new TypeError(`A collection cannot have the name ${name}`);
		this.indexTables = new SqliteIndexes(db, name);
		this.documents = new SqliteDocuments<T>(db, name, this.indexTables);
		this.group = groupCommitOf(db);
		this.definitions = definitionsVersionOf(db);
		upgradeFile(db);
		this.documents.create();
	}

	async index(index: Index): Promise<void> {
		await this.write(() => this.indexTables.declare(index), true);
	}

	async indexes(): Promise<Index[]> {
		return this.group.read(() => {
			this.definitions.check();
			this.indexTables.refresh();
			return this.indexTables.all.map(indexOf);
		});
	}

	async insert(doc: T, alongside?: Alongside): Promise<void> {
		await this.write(() => {
			const keys = this.add(doc);
			if (alongside) undoOnFailure(alongside, () => this.documents.delete(doc._id, keys));
		});
	}

	async insertMissing(docs: readonly T[]): Promise<T[]> {
		return this.write(
			() =>
				docs.filter(doc => {
					try {
						this.add(doc);
						return true;
					} catch (err) {
						if (err instanceof DuplicateKey && err.index === "_id") return false;
						throw err;
					}
				}),
			docs.length > 1
		);
	}

	async findOne(where: Where<T>, options: FindOptions = {}): Promise<T | null> {
		if (typeof where._id === "string" && !options.skip) {
			// No index definition matters, so none has to be current.
			const named = await this.group.read(() => this.documents.findNamed(where));
			const doc = named?.found?.doc ?? null;
			return doc && options.fields ? projectFields(doc, options.fields) : doc;
		}
		const [doc] = await this.find(where, { ...options, limit: 1 });
		return doc ?? null;
	}

	async find(where: Where<T>, options: FindOptions = {}): Promise<T[]> {
		const { skip = 0, limit = Infinity, fields } = options;
		const id = onlyIdOf(where);
		if (id !== undefined && skip === 0 && limit > 0) {
			const doc = await this.findOne({ ...where, _id: id }, options);
			return doc ? [doc] : [];
		}
		const sort = sortOf(options);
		const docs = await this.readPlanned(
			where,
			sort,
			limit !== Infinity,
			plans => {
				const [plan] = plans;
				if (plans.length > 1 || !plan?.order) {
					const all = [...this.documents.matches(plans, where)].map(({ doc }) => doc);
					return (sort ? sortDocuments(all, sort) : all).slice(skip, skip + limit);
				}
				if (limit <= 0) return [];
				if (isCountable(plan) && limit !== Infinity && runsInOrder(plan))
					return [...this.documents.rows(plan, { skip, limit })].map(({ doc }) => doc);
				const page: T[] = [];
				let seen = 0;
				for (const { doc } of this.documents.matches(plans, where)) {
					if (seen++ < skip) continue;
					page.push(doc);
					if (page.length >= limit) break;
				}
				return page;
			},
			runsOnce
		);
		return fields ? docs.map(doc => projectFields(doc, fields)) : docs;
	}

	async count(where: Where<T>): Promise<number> {
		return this.readPlanned(where, undefined, false, plans => {
			const [plan] = plans;
			if (plans.length === 1 && plan && isCountable(plan)) return this.documents.rowCount(plan);
			let n = 0;
			for (const _ of this.documents.matches(plans, where)) n++;
			return n;
		});
	}

	async findPage(where: Where<T>, { sort, skip = 0, limit }: PageOptions): Promise<FoundPage<T>> {
		return this.readPlanned(where, sort, true, plans => {
			const [plan] = plans;
			if (plan?.order && plans.length === 1) return this.readInOrder(plan, where, sort, skip, limit);
			const candidates = plans.reduce(
				(n, one) => n + this.documents.countRows(one, MAX_DOCUMENTS_READ + 1).count,
				0
			);
			if (candidates <= MAX_DOCUMENTS_READ) {
				const all = [...this.documents.matches(plans, where)].map(({ doc }) => doc);
				return { docs: sortDocuments(all, sort).slice(skip, skip + limit) };
			}
			const ordered = this.documents.orderedPlan(where, sort);
			if (!ordered) throw tooManyDocuments(this.name);
			return this.readInOrder(ordered, where, sort, skip, limit);
		});
	}

	private readInOrder(plan: Plan, where: Where<T>, sort: Sort, skip: number, limit: number): FoundPage<T> {
		if (isCountable(plan) && runsInOrder(plan))
			return { docs: [...this.documents.rows(plan, { skip, limit })].map(({ doc }) => doc) };
		const docs: T[] = [];
		const budget = new ReadBudget(MAX_DOCUMENTS_READ);
		let matched = 0;
		for (const { doc } of this.documents.matches([plan], where, budget)) {
			if (matched++ >= skip) docs.push(doc);
			if (docs.length >= limit) return { docs };
		}
		if (!budget.isSpent) return { docs };
		if (Object.keys(sort)[0] !== "_id" || skip > 0) throw tooManyDocuments(this.name);
		return { docs, stoppedAt: budget.lastId };
	}

	async countUpTo(where: Where<T>, most: number): Promise<Tally> {
		return this.readPlanned(where, undefined, false, plans => {
			const [plan] = plans;
			if (plans.length === 1 && plan && isCountable(plan)) {
				const maxRows = plan.probes?.length ? Math.max(most, MAX_ROWS_COUNTED) : most;
				const { count, more } = this.documents.countRows(plan, maxRows);
				return { count: Math.min(count, most), more: more || count > most };
			}
			const budget = new ReadBudget(MAX_DOCUMENTS_READ);
			let count = 0;
			for (const _ of this.documents.matches(plans, where, budget)) if (++count > most) break;
			return { count: Math.min(count, most), more: budget.isSpent || count > most };
		});
	}

	async change(where: Where<T>, update: Update<T>, options: ChangeOptions = {}): Promise<T | null> {
		return this.write(() => {
			const named = this.documents.findNamed(where);
			const found = named ? named.found : this.findFirst(where);
			if (!found) return null;
			return this.store(found, update, options);
		});
	}

	async changeMany(where: Where<T>, update: Update<T>, options: ChangeOptions = {}): Promise<number> {
		return this.forEachMatch(where, found => this.store(found, update, options));
	}

	async remove(where: Where<T>): Promise<number> {
		return this.forEachMatch(where, ({ id, doc }) =>
			this.documents.delete(id, this.indexTables.keysOf(doc))
		);
	}

	explain(where: Where<T>, options: FindOptions = {}): Explanation {
		const limited = options.limit !== undefined;
		this.definitions.check();
		this.indexTables.refresh();
		const plans = this.documents.plans(where, sortOf(options), limited);
		return {
			index: plans.map(plan => plan.index?.name ?? "scan").join(" | "),
			narrows: plans.every(plan => plan.narrows),
			ordered: plans.length === 1 && plans.every(plan => plan.order !== undefined),
			exact: plans.length === 1 && plans.every(plan => plan.exact)
		};
	}

	private findFirst(where: Where<T>): StoredDocument<T> | undefined {
		return takeFirst(this.documents.matches(this.documents.plans(where, undefined, true), where));
	}

	/** Stores a new document, or nothing when it throws. */
	private add(doc: T): DocumentKeys {
		if (typeof doc._id !== "string" || doc._id === "") throw new TypeError("A document's _id is a text");
		const copy = copyPlain(doc) as T;
		const keys = this.indexTables.keysOf(copy);
		this.documents.add(doc._id, encodeJson(copy), keys);
		return keys;
	}

	/** Applies an update to a document; writes nothing where the document stays the same, or when it throws. */
	private store(
		found: StoredDocument<T>,
		update: Update<T>,
		{ arrayFilters, alongside }: ChangeOptions
	): T {
		const { text, doc, id } = found;
		const touched = fieldsOf(update);
		let before = this.indexTables.keysOf(doc, touched);
		applyUpdate(doc, update, arrayFilters);
		const changed = encodeJson(doc);
		if (changed === text) {
			alongside?.();
			return doc;
		}
		const after = this.indexTables.keysOf(doc, touched);
		if (before.layout !== after.layout) before = this.indexTables.keysOf(decodeJson<T>(text), touched);
		this.documents.replace(found, before, changed, after);
		if (alongside)
			undoOnFailure(alongside, () =>
				this.documents.replace({ id, text: changed }, after, text, before)
			);
		return doc;
	}

	/**
	 * Finds all matches before the first write, since a loop over a table that is being written to is undefined. Tests each
	 * document again before its turn, since others may write between the batches.
	 */
	private async forEachMatch(where: Where<T>, work: (found: StoredDocument<T>) => void): Promise<number> {
		const ids = await this.readPlanned(where, undefined, false, plans =>
			[...this.documents.matches(plans, where)].map(({ id }) => id)
		);
		const matches = compileFilter(where);
		let total = 0;
		for (let from = 0; from < ids.length; from += BATCH_SIZE) {
			if (from > 0) await setImmediate();
			total += await this.write(() => {
				let changed = 0;
				for (const id of ids.slice(from, from + BATCH_SIZE)) {
					const found = this.documents.byId(id);
					if (!found || !matches(found.doc)) continue;
					work(found);
					changed++;
				}
				return changed;
			}, true);
		}
		return total;
	}

	/** Plans a query and reads. One statement is a snapshot of the file by itself; several need a transaction for it. */
	private readPlanned<R>(
		where: Where<T>,
		sort: Sort | undefined,
		limited: boolean,
		work: (plans: readonly Plan[]) => R,
		isOneStatement: (plan: Plan) => boolean = runsInOrder
	): Promise<R> {
		return this.group.read(() =>
			this.definitions.runCurrent(
				() => {
					this.indexTables.refresh();
					return this.documents.plans(where, sort, limited);
				},
				plans =>
					plans.length === 1 && plans.every(isOneStatement)
						? work(plans)
						: runInReadTransaction(this.db, () => work(plans)),
				plans => plans.some(readsOwnTable)
			)
		);
	}

	/** Runs a write, in a savepoint if it writes several documents. */
	private write<R>(work: () => R, savepoint = false): Promise<R> {
		return this.group.write(
			() => {
				this.definitions.check();
				this.indexTables.refresh();
				const { generation } = this.definitions;
				try {
					return work();
				} catch (err) {
					this.documents.forgetTexts();
					if (this.definitions.generation !== generation) this.definitions.forget(); // they may be rolled back
					throw err;
				}
			},
			{ savepoint }
		);
	}
}

const tooManyDocuments = (collection: string) =>
	new Refusal("SERVICE_UNAVAILABLE", `Too many documents of ${collection} to read for this; narrow it`);

/** Takes the first value and closes the loop over the statement, so that its document can be written. */
function takeFirst<V>(values: Iterable<V>): V | undefined {
	for (const value of values) return value;
	return undefined;
}

const indexOf = ({ fields, unique, sparse }: IndexTable): Index => ({
	keys: Object.fromEntries(fields.map(({ path, direction }) => [path, direction])),
	unique,
	sparse
});

const sortOf = ({ sort }: FindOptions) => (sort && Object.keys(sort).length > 0 ? sort : undefined);

/** The one id that a filter names, directly or as the only one of a list. */
function onlyIdOf({ _id: id }: Where): string | undefined {
	if (typeof id !== "object" || id === null) return typeof id === "string" ? id : undefined;
	const { $in: ids, ...more } = id as { readonly $in?: unknown };
	const [only] =
		Array.isArray(ids) && ids.length === 1 && Object.keys(more).length === 0 ? (ids as unknown[]) : [];
	return typeof only === "string" ? only : undefined;
}

/** The top-level fields that an update may change. */
function fieldsOf(update: Update): Set<string> {
	const fields = new Set<string>();
	for (const [operator, values] of Object.entries(update))
		for (const [path, value] of Object.entries(values)) {
			fields.add(rootOf(path));
			if (operator === "$rename") fields.add(rootOf(String(value)));
		}
	return fields;
}
const rootOf = (path: string): string => path.split(".", 1)[0] ?? path;

/** Runs work that follows a write; undoes that write where the work throws. */
function undoOnFailure(work: () => void, undo: () => void): void {
	try {
		work();
	} catch (err) {
		if (!(err instanceof DiskError)) undo(); // after an error of the disk the whole transaction is rolled back
		throw err;
	}
}

export const openSqliteCollection = <T extends Doc>(db: DatabaseSync, name: string): SqliteCollection<T> =>
	new SqliteCollection<T>(db, name);
