import { DAY_MS } from "../../schemas/values/durations";
import type { AuditContext } from "./audit.context";
import { findLastOld, makeChainStart, readChainStart } from "./audit.domain";
import { auditHashes } from "./audit-keys";

const BATCH = 1000;

/**
 * Removes the oldest entries as long as they are older than `keepDays` and fit the chain. Before that the start of the chain is
 * moved behind them, under the key, so that the rest can be verified. What somebody else has changed is left alone, with
 * everything behind it: it is evidence.
 */
export async function removeOldEntries(
	{ entries, starts }: AuditContext,
	keepDays: number,
	now: Date
): Promise<void> {
	const before = new Date(now.getTime() - keepDays * DAY_MS);
	for (;;) {
		const known = await starts.findOne({ _id: "start" });
		const start = readChainStart(known, auditHashes);
		if (!start) return;
		if (known) await entries.remove({ _id: { $lte: start._id } });
		const next = await entries.find({ _id: { $gt: start._id } }, { sort: { _id: 1 }, limit: BATCH });
		const last = findLastOld(start, next, before, auditHashes);
		if (!last) return;
		const { _id, ...moved } = makeChainStart(last, auditHashes);
		if (known) await starts.change({ _id, lastId: known.lastId }, { $set: moved });
		else await starts.insertMissing([{ _id, ...moved }]);
	}
}
