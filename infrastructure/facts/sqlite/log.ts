import type { DatabaseSync } from "node:sqlite";
import { groupCommitOf } from "../../group-commit";
import { isKeptInLog, LOG_KEPT_MS } from "../log-retention";
import type { LogPage, StoredFact } from "../transport";
import type { FactRow } from "./queue";

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
		after: db.prepare("SELECT seq, id, event, payload, at FROM facts WHERE seq > ? ORDER BY seq LIMIT ?"),
		last: db.prepare("SELECT coalesce(max(seq), 0) AS seq FROM facts"),
		find: db.prepare("SELECT seq, at FROM facts WHERE id = ?")
	};
	const readLast = () => (sql.last.get() as { seq: number }).seq;

	return {
		read: (after: string | null, limit: number): Promise<LogPage> =>
			group.read(() => {
				const readAt = Date.now();
				const last = readLast();
				if (after === null)
					return { facts: [], position: format({ seq: last, readAt }), gap: false, behind: 0 };
				const from = parse(after);
				const rows = last > from.seq ? (sql.after.all(from.seq, limit) as FactRow[]) : [];
				const seq = rows.at(-1)?.seq ?? from.seq;
				return {
					facts: rows.map(toFact),
					position: format({ seq, readAt: seq < last ? (rows.at(-1)?.at ?? readAt) : readAt }),
					// Facts from before that time may have been deleted unread. A smaller `last` is that of another file.
					gap: from.readAt < readAt - LOG_KEPT_MS || last < from.seq,
					behind: Math.max(0, last - seq)
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

const toFact = ({ id, event, payload, at }: FactRow): StoredFact => ({
	id,
	event,
	payload: JSON.parse(payload) as StoredFact["payload"],
	at: new Date(at)
});
