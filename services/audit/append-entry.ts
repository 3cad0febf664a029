import { createHash } from "node:crypto";
import { KeyedMutex } from "../../mixins/platform";
import type { AuditContext } from "./audit.context";
import { CHAIN_START, isNextEntry, linkEntry, type AuditInput } from "./audit.domain";

const sha256 = (text: string) => createHash("sha256").update(text).digest("base64url");

/** Serialises the appends of this process, so that only those of other processes compete for the next place. */
const appends = new KeyedMutex();

/** Appends an entry to the chain. Of concurrent entries one takes the next place, the others those after it. */
export const appendEntry = ({ entries }: AuditContext, input: AuditInput): Promise<void> =>
	appends.runExclusive(entries, "append", async () => {
		await entries.retryConflicts("last", async () => {
			const [last = CHAIN_START] = await entries.find({}, { sort: { _id: -1 }, limit: 1 });
			return entries.tryInsert(linkEntry(last, input, new Date(), sha256));
		});
	});

/** Walks the chain from its start. `brokenAt` is the first entry that was changed or does not follow the one before it. */
export async function verifyChain({
	entries
}: AuditContext): Promise<{ entries: number; brokenAt: string | null }> {
	let last = CHAIN_START;
	for (let count = 0; ;) {
		const batch = await entries.find({ _id: { $gt: last._id } }, { sort: { _id: 1 }, limit: 500 });
		if (batch.length === 0) return { entries: count, brokenAt: null };
		for (const entry of batch) {
			if (!isNextEntry(last, entry, sha256)) return { entries: count, brokenAt: entry._id };
			last = entry;
			count++;
		}
	}
}
