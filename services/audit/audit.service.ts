import { collection, storeMixin } from "../../mixins/store.mixin";
import { audit } from "../../schemas/audit.contract";
import { service } from "../../schemas/registry";
import { withinTimeRange } from "../../schemas/values/time-range";
import { appendEntry, verifyChain } from "./append-entry";
import { toView, type AuditRecord } from "./audit.domain";

/** Owns the audit log: entries are added, never changed or removed, and each carries the hash of the one before it. */
export default service(audit, {
	mixins: [
		storeMixin({
			entries: collection<AuditRecord>("audit_log", [
				{ keys: { by: 1, _id: -1 } },
				{ keys: { action: 1, _id: -1 } },
				{ keys: { at: 1 } }
			])
		})
	],

	actions: {
		record: {
			async handler(ctx) {
				await appendEntry(this, ctx.params);
				return null;
			}
		},
		verify: {
			handler() {
				return verifyChain(this);
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
