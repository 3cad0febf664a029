import type { DatabaseSync } from "node:sqlite";
import type { Doc, Sort, Where } from "../collection";
import { decode } from "../language/codec";
import { matcher } from "../language/filter";
import type { SqliteIndexes } from "./indexes";
import { plansFor, primary, sqlOf, type Plan } from "./plan";
import { statement } from "./statements";

/** A document, and its text as it is stored. */
export type Found<T> = { readonly id: string; readonly text: string; readonly doc: T };

/** The table of a collection's documents: finds those that a filter wants, by the indexes that there are. */
export class SqliteDocuments<T extends Doc> {
	constructor(
		private readonly db: DatabaseSync,
		readonly table: string,
		private readonly indexes: SqliteIndexes
	) {}

	/** Inside a write transaction. */
	create(): void {
		this.db.exec(`CREATE TABLE IF NOT EXISTS "${this.table}" (id TEXT PRIMARY KEY, doc TEXT NOT NULL)`);
	}

	add(id: string, text: string): void {
		statement(this.db, `INSERT INTO "${this.table}" VALUES (?, ?)`).run(id, text);
	}

	replace(id: string, text: string): void {
		statement(this.db, `UPDATE "${this.table}" SET doc = ? WHERE id = ?`).run(text, id);
	}

	delete(id: string): void {
		statement(this.db, `DELETE FROM "${this.table}" WHERE id = ?`).run(id);
	}

	byId(id: string): Found<T> | undefined {
		const text = statement(this.db, `SELECT doc FROM "${this.table}" WHERE id = ?`).get(id)?.["doc"];
		return typeof text === "string" ? { id, text, doc: decode<T>(text) } : undefined;
	}

	/** How many rows a countable plan has. */
	rowCount(plan: Plan): number {
		const { sql, runs } = sqlOf(plan, this.table, "count");
		return runs.reduce((n, run) => n + Number(statement(this.db, sql).get(...run)?.["n"]), 0);
	}

	plans(where: Where, sort: Sort | undefined, limited: boolean): readonly Plan[] {
		return plansFor([primary(this.table), ...this.indexes.all], where, sort, limited);
	}

	/** The documents that match, each once, in the order of the plan; read as they are asked for. */
	*matches(plans: readonly Plan[], where: Where): Generator<Found<T>> {
		const once = plans.length === 1 && !plans[0]?.repeats;
		const exact = plans.length === 1 && plans[0]?.exact;
		const matching = exact ? () => true : matcher(where);
		const seen = new Set<string>();
		for (const plan of plans) {
			for (const found of this.rows(plan)) {
				if (!once && seen.has(found.id)) continue;
				if (!once) seen.add(found.id);
				if (matching(found.doc)) yield found;
			}
		}
	}

	/** The rows of a plan as they are, or a page of them. */
	*rows(plan: Plan, window?: { skip: number; limit: number }): Generator<Found<T>> {
		const { sql, runs } = sqlOf(plan, this.table, "documents", window);
		for (const run of runs) {
			for (const row of statement(this.db, sql).iterate(...run)) {
				const text = String(row["doc"]);
				yield { id: String(row["id"]), text, doc: decode<T>(text) };
			}
		}
	}

	/** All documents, in no order. */
	*all(): Generator<T> {
		for (const { doc } of this.rows({ branches: [[]], repeats: false, exact: true, narrows: false }))
			yield doc;
	}
}
