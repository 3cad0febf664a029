import { DAY_MS } from "../../schemas/values/durations";
import type { AuditContext } from "./audit.context";
import { makeChainStart, readChainStart } from "./audit.domain";
import { auditHashes } from "./audit-keys";

const BATCH = 1000;

/**
 * Removes entries older than `keepDays`. Before that the start of the chain is moved behind them, under the key, so that the
 * rest can be verified. A start that somebody else has changed is left alone, with everything behind it: it is evidence.
 */
export async function removeOldEntries(
	{ entries, starts }: AuditContext,
	keepDays: number,
	now: Date
): Promise<void> {
	const before = new Date(now.getTime() - keepDays * DAY_MS);
	for (;;) {
		const old = await entries.find({ at: { $lt: before } }, { sort: { at: 1 }, limit: BATCH });
		const last = old.toSorted((a, b) => (a._id < b._id ? -1 : 1)).at(-1);
		if (!last) return;
		const known = await starts.findOne({ _id: "start" });
		const start = readChainStart(known, auditHashes);
		if (!start) return;
		if (start._id < last._id) {
			const { _id, ...next } = makeChainStart(last, auditHashes);
			if (!known) await starts.insertMissing([{ _id, ...next }]);
			else if (!(await starts.change({ _id, lastId: known.lastId }, { $set: next }))) continue;
		}
		await entries.remove({ _id: { $lte: last._id } });
	}
}
