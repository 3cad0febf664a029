import type { DatabaseSync } from "node:sqlite";
import type { Doc, Sort, Where } from "../collection";
import { decodeJson } from "../language/codec";
import { compileFilter } from "../language/filter";
import type { SqliteIndexes } from "./indexes";
import { planQuery, primaryIndex } from "./plan";
import type { Plan } from "./plan-shape";
import { generateSql } from "./plan-sql";
import { prepare } from "./statements";

/** A document beside its stored JSON text. */
export type StoredDocument<T> = { readonly id: string; readonly text: string; readonly doc: T };

/** The table of a collection's documents, read by means of the collection's indexes. */
export class SqliteDocuments<T extends Doc> {
	constructor(
		private readonly db: DatabaseSync,
		readonly table: string,
		private readonly indexes: SqliteIndexes
	) {}

	/** Creates the table. Call inside a write transaction. */
	create(): void {
		this.db.exec(`CREATE TABLE IF NOT EXISTS "${this.table}" (id TEXT PRIMARY KEY, doc TEXT NOT NULL)`);
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
		const text = prepare(this.db, `SELECT doc FROM "${this.table}" WHERE id = ?`).get(id)?.["doc"];
		return typeof text === "string" ? { id, text, doc: decodeJson<T>(text) } : undefined;
	}

	/** The number of rows of a countable plan. */
	rowCount(plan: Plan): number {
		const { sql, runs } = generateSql(plan, this.table, "count");
		return runs.reduce((n, run) => n + Number(prepare(this.db, sql).get(...run)?.["n"]), 0);
	}

	plans(where: Where, sort: Sort | undefined, limited: boolean): readonly Plan[] {
		return planQuery([primaryIndex(this.table), ...this.indexes.all], where, sort, limited);
	}

	/** Yields the matching documents, each once, in the order of the plan. */
	*matches(plans: readonly Plan[], where: Where): Generator<StoredDocument<T>> {
		const isUnique = plans.length === 1 && !plans[0]?.mayRepeat;
		const exact = plans.length === 1 && plans[0]?.exact;
		const matches = exact ? () => true : compileFilter(where);
		const seen = new Set<string>();
		for (const plan of plans) {
			for (const found of this.rows(plan)) {
				if (!isUnique && seen.has(found.id)) continue;
				if (!isUnique) seen.add(found.id);
				if (matches(found.doc)) yield found;
			}
		}
	}

	/** Yields the documents of a plan's rows, or of a page of the rows, without testing the filter. */
	*rows(plan: Plan, window?: { skip: number; limit: number }): Generator<StoredDocument<T>> {
		const { sql, runs } = generateSql(plan, this.table, "documents", window);
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
