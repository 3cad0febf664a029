import { configMixin, type Config } from "../../mixins/config.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { jumpGuardedClock, type Logger } from "../../mixins/platform";
import { audit } from "../../schemas/audit.contract";
import { service } from "../../schemas/registry";
import { withinTimeRange } from "../../schemas/values/time-range";
import { appendEntry } from "./append-entry";
import type { AuditContext } from "./audit.context";
import { toView, type AuditRecord, type ChainStart } from "./audit.domain";
import { logAnchor } from "./log-anchor";
import { removeOldEntries } from "./remove-old-entries";
import { verifyChain } from "./verify-chain";

type Scheduled = AuditContext & { readonly config: Config; readonly logger: Logger };

/**
 * Owns the audit log: entries are added, never changed, and removed only for their age. Each carries the hash of the one
 * before it under a key that is not in the store.
 */
export default service(audit, {
	mixins: [
		storeMixin({
			entries: collection<AuditRecord>("audit_log", [
				{ keys: { by: 1, _id: -1 } },
				{ keys: { action: 1, _id: -1 } },
				{ keys: { at: 1 } }
			]),
			starts: collection<ChainStart>("audit_start", [], { scans: "one document" })
		}),
		configMixin,
		scheduleMixin<Scheduled>(
			{
				name: "remove old entries",
				every: "housekeeping.sweepEvery",
				run() {
					return removeOldEntries(this, this.config.get("audit.keepDays"), jumpGuardedClock.now());
				}
			},
			{
				name: "log an anchor",
				every: "audit.anchorEvery",
				run() {
					return logAnchor(this);
				}
			}
		)
	],

	actions: {
		record: {
			async handler(ctx) {
				await appendEntry(this, ctx.params);
				return null;
			}
		},
		verify: {
			handler(ctx) {
				return verifyChain(this, ctx.params.anchors ?? []);
			}
		},
		exportPersonalData: {
			async handler(ctx) {
				const found = await this.entries.find({ by: ctx.params.userId }, { sort: { _id: -1 } });
				return { entries: found.map(toView) };
			}
		},
		list: {
			async handler(ctx) {
				const { by, action, from, to, ...paging } = ctx.params;
				const at = withinTimeRange({ from, to });
				const where = { ...(by && { by }), ...(action && { action }), ...(at && { at }) };
				const page = await this.entries.page(where, paging);
				return { ...page, items: page.items.map(toView) };
			}
		}
	}
});
