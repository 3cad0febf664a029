import { createHash } from "node:crypto";
import { collection, storeMixin, type Store } from "../../mixins/store.mixin";
import { KeyedMutex } from "../../mixins/platform";
import { withinTimeRange } from "../../schemas/time-range";
import { audit } from "../../schemas/audit.contract";
import { service } from "../../schemas/registry";
import { linkEntry, isNextLink, CHAIN_START, view, type AuditRecord, type AuditInput } from "./audit.domain";

/** Owns the log of who did what: entries are added, never changed or removed, and each carries the hash of those before. */
export default service(audit, {
	mixins: [
		storeMixin({
			entries: collection<AuditRecord>("audit_log", [
				{ keys: { by: 1, _id: -1 } },
				{ keys: { what: 1, _id: -1 } },
				{ keys: { at: 1 } }
			])
		})
	],

	actions: {
		record: {
			async handler(ctx) {
				await appends.runExclusive(this.entries, "append", () => append(this.entries, ctx.params));
				return null;
			}
		},
		verify: {
			async handler() {
				let last = CHAIN_START;
				for (let entries = 0; ;) {
					const batch = await this.entries.find(
						{ _id: { $gt: last._id } },
						{ sort: { _id: 1 }, limit: 500 }
					);
					if (batch.length === 0) return { entries, brokenAt: null };
					for (const entry of batch) {
						if (!isNextLink(last, entry, sha256)) return { entries, brokenAt: entry._id };
						last = entry;
						entries++;
					}
				}
			}
		},
		list: {
			async handler(ctx) {
				const { by, what, from, to, ...paging } = ctx.params;
				const at = withinTimeRange({ from, to });
				const where = { ...(by && { by }), ...(what && { what }), ...(at && { at }) };
				const page = await this.entries.page(where, paging);
				return { ...page, items: page.items.map(view) };
			}
		}
	}
});

const sha256 = (text: string) => createHash("sha256").update(text).digest("base64url");

/** Entries of this process are appended one after another, so that only those of other processes contend for a place. */
const appends = new KeyedMutex();

/** Appends the entry to the chain; of concurrent entries one takes the next place, and the others take those after it. */
async function append(entries: Store<AuditRecord>, given: AuditInput): Promise<void> {
	await entries.retryConflicts("last", async () => {
		const [last = CHAIN_START] = await entries.find({}, { sort: { _id: -1 }, limit: 1 });
		return entries.tryInsert(linkEntry(last, given, new Date(), sha256));
	});
}
