import type { Anchor } from "../../schemas/audit.contract";
import type { AuditContext } from "./audit.context";
import { findFault, readChainStart } from "./audit.domain";
import { auditHashes } from "./audit-keys";

const BATCH = 500;

type Verdict = {
	readonly entries: number;
	readonly unkeyed: number;
	readonly head: Anchor | null;
	readonly brokenAt: string | null;
	readonly reason: string | null;
};

/**
 * Walks the chain from where it begins, and compares it with the anchors. An anchor of an entry that was removed for its age
 * says nothing; one behind the last entry shows that the end was cut off.
 */
export async function verifyChain(
	{ entries, starts }: AuditContext,
	anchors: readonly Anchor[]
): Promise<Verdict> {
	const hashAt = new Map(anchors.map(({ id, hash }) => [id, hash]));
	const start = readChainStart(await starts.findOne({ _id: "start" }), auditHashes);
	let [count, unkeyed] = [0, 0];
	let last = start ?? { _id: "", hash: "" };
	const judge = (brokenAt: string | null, reason: string | null): Verdict => {
		const head = count > 0 ? { id: last._id, hash: last.hash } : null;
		return { entries: count, unkeyed, head, brokenAt, reason };
	};
	if (!start) return judge("start", "the beginning of the log was changed");
	for (;;) {
		const batch = await entries.find({ _id: { $gt: last._id } }, { sort: { _id: 1 }, limit: BATCH });
		if (batch.length === 0) break;
		for (const entry of batch) {
			const fault = findFault(last, entry, auditHashes);
			if (fault) return judge(entry._id, fault);
			if ((hashAt.get(entry._id) ?? entry.hash) !== entry.hash)
				return judge(entry._id, "it is not the entry of its anchor");
			if (entry.keyId === undefined) unkeyed++;
			last = entry;
			count++;
		}
	}
	const [lost] = anchors
		.map(({ id }) => id)
		.filter(id => id > last._id)
		.toSorted();
	return lost === undefined
		? judge(null, null)
		: judge(lost, "it is missing: the end of the log was cut off");
}
