import { setImmediate } from "node:timers/promises";
import type { DatabaseSync } from "node:sqlite";
import {
	DuplicateKey,
	type Alongside,
	type ChangeOptions,
	type Collection,
	type Doc,
	type FindOptions,
	type FoundPage,
	type Index,
	type PageOptions,
	type Tally,
	type Update,
	type Where
} from "../collection";
import { DiskError } from "../../disk-error";
import { groupCommitOf } from "../../group-commit";
import { copyPlain, decodeJson, encodeJson } from "../language/codec";
import { compileFilter } from "../language/filter";
import { applyUpdate } from "../language/update";
import { definitionsVersionOf } from "./definitions";
import { SqliteDocuments, type StoredDocument } from "./documents";
import { SqliteIndexes, type DocumentKeys } from "./indexes";
import type { IndexTable } from "./plan-shape";
import { SqliteReads, type Explanation } from "./reads";
import { upgradeFile } from "./upgrade-file";

/** Documents changed in one transaction; other writers get their turn between two transactions. */
const BATCH_SIZE = 100;

/** A collection in the SQLite file: a table of JSON documents with their index keys. */
export class SqliteCollection<T extends Doc> implements Collection<T> {
	private readonly indexTables: SqliteIndexes;
	private readonly documents: SqliteDocuments<T>;
	private readonly reads: SqliteReads<T>;
	private readonly group;
	private readonly definitions;

	constructor(db: DatabaseSync, name: string) {
		if (!/^[a-z]\w*$/i.test(name)) throw new TypeError(`A collection cannot have the name ${name}`);
		this.indexTables = new SqliteIndexes(db, name);
		this.documents = new SqliteDocuments<T>(db, name, this.indexTables);
		this.group = groupCommitOf(db);
		this.definitions = definitionsVersionOf(db);
		this.reads = new SqliteReads(db, name, this.documents, this.indexTables);
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

	findOne(where: Where<T>, options?: FindOptions): Promise<T | null> {
		return this.reads.findOne(where, options);
	}

	find(where: Where<T>, options?: FindOptions): Promise<T[]> {
		return this.reads.find(where, options);
	}

	count(where: Where<T>): Promise<number> {
		return this.reads.count(where);
	}

	findPage(where: Where<T>, options: PageOptions): Promise<FoundPage<T>> {
		return this.reads.findPage(where, options);
	}

	countUpTo(where: Where<T>, most: number): Promise<Tally> {
		return this.reads.countUpTo(where, most);
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

	explain(where: Where<T>, options?: FindOptions): Explanation {
		return this.reads.explain(where, options);
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
		const ids = await this.reads.findIds(where);
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
