import type { DatabaseSync } from "node:sqlite";
import { groupCommitOf } from "../../group-commit";
import { isKeptInLog, LOG_KEPT_MS } from "../log-retention";
import type { LoggedFact, LogPage } from "../transport";
import { toFact, type FactRow } from "./queue";
import { FACT } from "./statements";

/** A position in the log: the `seq` of the last fact that was read, and when that was. `<seq>@<epoch ms>` */
type Position = { readonly seq: number; readonly readAt: number };

const format = ({ seq, readAt }: Position) => `${seq}@${readAt}`;
function parse(position: string): Position {
	const [seq, readAt] = position.split("@").map(Number);
	return { seq: seq ?? 0, readAt: readAt ?? 0 };
}

/**
 * The table `facts` as a log. SQLite has one writer at a time, so facts appear in the order of their `seq`: a reader that goes
 * on after the last one that it has seen misses none.
 */
export function openFactLog(db: DatabaseSync) {
	const group = groupCommitOf(db);
	const sql = {
		after: db.prepare(`SELECT ${FACT} FROM facts WHERE seq > ? ORDER BY seq LIMIT ?`),
		last: db.prepare("SELECT seq, id FROM facts ORDER BY seq DESC LIMIT 1"),
		find: db.prepare("SELECT seq, at FROM facts WHERE id = ?")
	};

	return {
		read: (after: string | null, limit: number): Promise<LogPage> =>
			group.read(() => {
				const readAt = Date.now();
				const last = sql.last.get() as { seq: number; id: string } | undefined;
				const end = last?.seq ?? 0;
				const from = after === null ? { seq: end, readAt } : parse(after);
				const rows = end > from.seq ? (sql.after.all(from.seq, limit) as FactRow[]) : [];
				const seq = rows.at(-1)?.seq ?? from.seq;
				const position = format({ seq, readAt: seq < end ? (rows.at(-1)?.at ?? readAt) : readAt });
				return {
					facts: rows.map(toLoggedFact),
					position,
					seq,
					lastId: rows.at(-1)?.id ?? (seq === end ? (last?.id ?? null) : null),
					// Facts from before that time may have been deleted unread. A lower `end` is that of another file.
					gap: from.readAt < readAt - LOG_KEPT_MS || end < from.seq,
					behind: Math.max(0, end - seq)
				};
			}),

		find: (factId: string): Promise<string | null> =>
			group.read(() => {
				if (!isKeptInLog(factId, Date.now())) return null;
				const found = sql.find.get(factId) as { seq: number; at: number } | undefined;
				return found ? format({ seq: found.seq, readAt: found.at }) : null;
			})
	};
}

const toLoggedFact = (row: FactRow): LoggedFact => ({
	...toFact(row),
	seq: row.seq,
	position: format({ seq: row.seq, readAt: row.at })
});
