import type { DatabaseSync } from "node:sqlite";
import { groupCommitOf } from "../../group-commit";
import { DuplicateKey, type Doc, type Sort, type Tally, type Where } from "../collection";
import { decodeJson } from "../language/codec";
import { compileFilter } from "../language/filter";
import type { IndexKey } from "../language/value-order";
import { deferredUpdatesOf } from "./deferred-updates";
import { createTableSql, isSameKey, type IndexLayout } from "./index-layout";
import type { DocumentKeys, SqliteIndexes } from "./indexes";
import { planInOrder, planQuery, primaryIndex } from "./plan";
import type { Plan } from "./plan-shape";
import { generateSql } from "./plan-sql";
import { isUniqueViolation, prepare } from "./statements";

type StoredText = { readonly id: string; readonly text: string };
/** A document beside its stored JSON text. */
export type StoredDocument<T> = StoredText & { readonly doc: T };

/** Bounds the documents that one read decodes and tests. */
export class ReadBudget {
	private taken = 0;
	/** The document that was read last. */
	lastId = "";
	isSpent = false;

	constructor(private readonly max: number) {}

	/** Whether one more document may be read. */
	take(id: string): boolean {
		if (this.taken >= this.max) {
			this.isSpent = true;
			return false;
		}
		this.taken++;
		this.lastId = id;
		return true;
	}
}

/** The texts of documents, by table and id, that the open transaction has read or written: no other process writes meanwhile. */
const textsIn = new WeakMap<object, Map<string, string | null>>();

/** The table of a collection's documents, read and written by means of the collection's indexes. */
export class SqliteDocuments<T extends Doc> {
	readonly table: string;
	private readonly selectById: string;
	private readonly group;
	private readonly deferred;
	/** The statement that inserts into the columns of a layout. */
	private inserting: { readonly layout: IndexLayout; readonly sql: string } | undefined;

	constructor(
		private readonly db: DatabaseSync,
		private readonly collection: string,
		private readonly indexes: SqliteIndexes
	) {
		this.table = `${collection}_docs`;
		this.group = groupCommitOf(db);
		this.deferred = deferredUpdatesOf(db);
		this.selectById = `SELECT doc FROM "${this.table}" WHERE id = ?`;
	}

	/** Creates the table where it does not exist. */
	create(): void {
		this.group.createTables(createTableSql(this.table, []));
	}

	/** Stores a new document with its keys; throws `DuplicateKey`, having stored nothing. */
	add(id: string, text: string, keys: DocumentKeys): void {
		const { columns, layout } = keys;
		if (this.inserting?.layout !== layout) this.inserting = { layout, sql: this.insertSqlFor(layout) };
		try {
			prepare(this.db, this.inserting.sql).run(id, text, ...columns.map(key => key ?? null));
		} catch (err) {
			if (!isUniqueViolation(err)) throw err;
			const index = this.readText(id) === null ? this.indexes.findDuplicate(id, keys) : "_id";
			throw new DuplicateKey(this.collection, index ?? "_id");
		}
		this.remember(id, text);
		try {
			this.indexes.replaceRows(id, [], keys.rows);
		} catch (err) {
			if (err instanceof DuplicateKey) this.delete(id, { ...keys, rows: [] });
			throw err;
		}
	}

	/**
	 * Replaces a document and the keys that differ; throws `DuplicateKey`, having changed nothing. Where it can't be refused it
	 * waits for the commit.
	 */
	replace({ id, text }: StoredText, before: DocumentKeys, changed: string, after: DocumentKeys): void {
		if (this.deferred.mayWait(before, after)) {
			const write = (update: { text: string; before: DocumentKeys; after: DocumentKeys }) =>
				this.write(id, update.text, update.before, update.after);
			this.deferred.add(this.table, id, { text: changed, before, after }, write);
			this.remember(id, changed);
			return;
		}
		this.deferred.writeOne(this.table, id);
		this.write(id, changed, before, after, text);
	}

	delete(id: string, keys: DocumentKeys): void {
		this.deferred.writeOne(this.table, id);
		this.indexes.replaceRows(id, keys.rows, []);
		prepare(this.db, `DELETE FROM "${this.table}" WHERE id = ?`).run(id);
		this.remember(id, null);
	}

	byId(id: string): StoredDocument<T> | undefined {
		const text = this.readText(id);
		return text === null ? undefined : { id, text, doc: decodeJson<T>(text) };
	}

	/** Drops what is known of the open transaction: some of it has been rolled back. */
	forgetTexts(): void {
		const transaction = this.group.openTransaction;
		if (transaction) textsIn.delete(transaction);
	}

	private write(
		id: string,
		text: string,
		before: DocumentKeys,
		after: DocumentKeys,
		previous = text
	): void {
		this.update(id, text, before, after);
		try {
			this.indexes.replaceRows(id, before.rows, after.rows);
		} catch (err) {
			if (err instanceof DuplicateKey) this.update(id, previous, after, before);
			throw err;
		}
	}

	private update(id: string, text: string, before: DocumentKeys, after: DocumentKeys): void {
		let set = "";
		const values: (IndexKey | null)[] = [];
		for (const [i, column] of after.layout.columns.entries()) {
			const key = after.columns[i];
			if (isSameKey(key, before.columns[i])) continue;
			set += `, ${column} = ?`;
			values.push(key ?? null);
		}
		try {
			prepare(this.db, `UPDATE "${this.table}" SET doc = ?${set} WHERE id = ?`).run(
				text,
				...values,
				id
			);
		} catch (err) {
			if (!isUniqueViolation(err)) throw err;
			const index = this.indexes.findDuplicate(id, this.indexes.keysOf(decodeJson<T>(text)));
			throw new DuplicateKey(this.collection, index ?? "");
		}
		this.remember(id, text);
	}

	private insertSqlFor({ columns }: IndexLayout): string {
		const names = ["id", "doc", ...columns];
		return `INSERT INTO "${this.table}" (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`;
	}

	/** The text of a document; null where there is none. */
	private readText(id: string): string | null {
		const known = this.deferred.textOf(this.table, id) ?? this.knownTexts()?.get(`${this.table}/${id}`);
		if (known !== undefined) return known;
		const text = prepare(this.db, this.selectById).get(id)?.["doc"];
		const found = typeof text === "string" ? text : null;
		this.remember(id, found);
		return found;
	}

	private remember(id: string, text: string | null): void {
		this.knownTexts()?.set(`${this.table}/${id}`, text);
	}

	private knownTexts(): Map<string, string | null> | undefined {
		const transaction = this.group.openTransaction;
		if (!transaction) return undefined;
		let texts = textsIn.get(transaction);
		if (!texts) textsIn.set(transaction, (texts = new Map<string, string | null>()));
		return texts;
	}

	/** The document that a filter names by its `_id`, if it matches the filter; undefined where the filter names none. */
	findNamed(where: Where): { readonly found: StoredDocument<T> | undefined } | undefined {
		const id = where._id;
		if (typeof id !== "string") return undefined;
		const matches = compileFilter(where);
		const found = this.byId(id);
		return { found: found && matches(found.doc) ? found : undefined };
	}

	/** The number of rows of a countable plan. */
	rowCount(plan: Plan): number {
		const { sql, runs } = generateSql(plan, this.table, "count");
		return runs.reduce((n, run) => n + Number(prepare(this.db, sql).get(...run)?.["n"]), 0);
	}

	/**
	 * Counts the rows of a plan that pass its probes, among the first `maxRows` of its index; `more`: there are more of these.
	 * Not every row is a match unless the plan is countable.
	 */
	countRows(plan: Plan, maxRows: number): Tally {
		const { sql, runs } = generateSql(plan, this.table, "tally");
		let left = maxRows;
		let count = 0;
		for (const run of runs) {
			const row = prepare(this.db, sql).get(...run, left + 1);
			const seen = Number(row?.["seen"]);
			count += Number(row?.["n"]);
			if (seen > left) return { count: Math.min(count, maxRows), more: true };
			left -= seen;
		}
		return { count, more: false };
	}

	plans(where: Where, sort: Sort | undefined, limited: boolean): readonly Plan[] {
		this.deferred.writeTable(this.table);
		return planQuery([primaryIndex(this.table), ...this.indexes.all], where, sort, limited);
	}

	/** The plan whose rows come in the order, with all other tests left to probes and documents; undefined without an index for it. */
	orderedPlan(where: Where, sort: Sort): Plan | undefined {
		return planInOrder([primaryIndex(this.table), ...this.indexes.all], where, sort);
	}

	/** Yields the matching documents, each once, in the order of the plan; stops where the budget is spent. */
	*matches(plans: readonly Plan[], where: Where, budget?: ReadBudget): Generator<StoredDocument<T>> {
		const isUnique = plans.length === 1 && !plans[0]?.mayRepeat;
		const exact = plans.length === 1 && plans[0]?.exact;
		const matches = exact ? () => true : compileFilter(where);
		const seen = new Set<string>();
		for (const plan of plans) {
			for (const found of this.rows(plan)) {
				if (!isUnique && seen.has(found.id)) continue;
				if (!isUnique) seen.add(found.id);
				if (budget && !budget.take(found.id)) return;
				if (matches(found.doc)) yield found;
			}
		}
	}

	/** Yields the documents of a plan's rows, or of a page of the rows, without testing the filter. */
	*rows(plan: Plan, window?: { skip: number; limit: number }): Generator<StoredDocument<T>> {
		const { sql, runs } = generateSql(plan, this.table, "documents", window);
		if (runs.length === 1 && window && window.limit === 1) {
			const row = prepare(this.db, sql).get(...(runs[0] ?? []));
			const text = row && String(row["doc"]);
			if (text !== undefined) yield { id: String(row?.["id"]), text, doc: decodeJson<T>(text) };
			return;
		}
		for (const run of runs) {
			for (const row of prepare(this.db, sql).iterate(...run)) {
				const text = String(row["doc"]);
				yield { id: String(row["id"]), text, doc: decodeJson<T>(text) };
			}
		}
	}
}
