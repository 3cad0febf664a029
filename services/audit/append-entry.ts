import { KeyedMutex } from "../../mixins/platform";
import type { AuditContext } from "./audit.context";
import { linkEntry, readChainStart, type AuditInput, type Link } from "./audit.domain";
import { auditHashes } from "./audit-keys";

/** Serialises the appends of this process, so that only those of other processes compete for the next place. */
const appends = new KeyedMutex();

/** Appends an entry to the chain. Of concurrent entries one takes the next place, the others those after it. */
export const appendEntry = (context: AuditContext, input: AuditInput): Promise<void> =>
	appends.runExclusive(context.entries, "append", async () => {
		await context.entries.retryConflicts("last", async () =>
			context.entries.tryInsert(linkEntry(await findLast(context), input, new Date(), auditHashes))
		);
	});

/** The last entry, or the place from which the log goes on. An unreadable start is shown by `verifyChain`, and stops no entry. */
export async function findLast({ entries, starts }: AuditContext): Promise<Link> {
	const [last] = await entries.find({}, { sort: { _id: -1 }, limit: 1 });
	if (last) return last;
	const start = await starts.findOne({ _id: "start" });
	return readChainStart(start, auditHashes) ?? { _id: start?.lastId ?? "", hash: "" };
}
