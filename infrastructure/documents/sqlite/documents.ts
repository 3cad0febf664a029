import type { DatabaseSync } from "node:sqlite";
import { groupCommitOf } from "../../group-commit";
import type { Doc, Sort, Tally, Where } from "../collection";
import { decodeJson } from "../language/codec";
import { compileFilter } from "../language/filter";
import type { SqliteIndexes } from "./indexes";
import { planInOrder, planQuery, primaryIndex } from "./plan";
import type { Plan } from "./plan-shape";
import { generateSql } from "./plan-sql";
import { prepare } from "./statements";

/** A document beside its stored JSON text. */
export type StoredDocument<T> = { readonly id: string; readonly text: string; readonly doc: T };

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

/** The table of a collection's documents, read by means of the collection's indexes. */
export class SqliteDocuments<T extends Doc> {
	constructor(
		private readonly db: DatabaseSync,
		readonly table: string,
		private readonly indexes: SqliteIndexes
	) {
		this.selectById = `SELECT doc FROM "${table}" WHERE id = ?`;
	}

	private readonly selectById: string;

	/** Creates the table where it does not exist. */
	create(): void {
		groupCommitOf(this.db).createTables(
			`CREATE TABLE IF NOT EXISTS "${this.table}" (id TEXT PRIMARY KEY, doc TEXT NOT NULL)`
		);
	}

	add(id: string, text: string): void {
		prepare(this.db, `INSERT INTO "${this.table}" VALUES (?, ?)`).run(id, text);
	}

	replace(id: string, text: string): void {
		prepare(this.db, `UPDATE "${this.table}" SET doc = ? WHERE id = ?`).run(text, id);
	}

	delete(id: string): void {
		prepare(this.db, `DELETE FROM "${this.table}" WHERE id = ?`).run(id);
	}

	byId(id: string): StoredDocument<T> | undefined {
		const text = prepare(this.db, this.selectById).get(id)?.["doc"];
		return typeof text === "string" ? { id, text, doc: decodeJson<T>(text) } : undefined;
	}

	/** The document that a filter names by its `_id`, if it matches the filter; undefined where the filter names none. */
	findNamed(where: Where): { readonly found: StoredDocument<T> | undefined } | undefined {
		const id = where._id;
		if (typeof id !== "string") return undefined;
		const matches = isSimple(where) ? undefined : compileFilter(where);
		const found = this.byId(id);
		const isMatch = found && (matches ? matches(found.doc) : matchesSimple(where, found.doc));
		return { found: isMatch ? found : undefined };
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

	/** Yields all documents, in no particular order. */
	*all(): Generator<T> {
		for (const { doc } of this.rows({ branches: [[]], mayRepeat: false, exact: true, narrows: false }))
			yield doc;
	}
}

type Fields = Readonly<Record<string, unknown>>;

const isComparable = (value: unknown) =>
	typeof value === "string" || typeof value === "number" || typeof value === "boolean";

/** Whether a filter only compares fields with texts, numbers and booleans, as most guards do: it need not be compiled. */
const isSimple = (where: Where): boolean =>
	Object.entries(where).every(([path, wanted]) => isComparable(wanted) && !/[.$]/.test(path));

function matchesSimple(where: Where, doc: Doc): boolean {
	const [wanted, fields]: [Fields, Fields] = [where, doc];
	for (const path in wanted) {
		const value = fields[path];
		// An array matches by any of its elements.
		if (typeof value === "object" && value !== null) return compileFilter(where)(doc);
		if (value !== wanted[path]) return false;
	}
	return true;
}
