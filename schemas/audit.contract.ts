import { action, contract } from "./kit/contract";
import { personalDataActions } from "./kit/personal-data";
import * as r from "./kit/rules";

const entryFields = {
	by: r.orNull(r.str()),
	roles: r.orNull(r.str()),
	/** The action, e.g. `products.approve`. */
	action: r.str(),
	/** Parameters of the request, without secrets. */
	params: r.record(r.any()),
	outcome: r.str(),
	ip: r.personal(r.orNull(r.str())),
	requestId: r.orNull(r.str())
};
/** The fields of its subject that a write of staff changed: `{field: {before, after}}`; null where there is none to compare. */
const changes = r.orNull(r.record(r.any()));
const entry = r.obj("AuditEntry", { id: r.str(), at: r.time(), ...entryFields, changes });
export type AuditEntry = r.TypeOf<typeof entry>;

/** The place and hash of an entry, noted outside of the store: the log can't be cut off or written anew behind it. */
const anchor = r.obj({ id: r.str(), hash: r.str() });
export type Anchor = r.TypeOf<typeof anchor>;

export const audit = contract("audit", {
	/** The log itself is evidence: its entries outlive the account that they name by its id. */
	...personalDataActions,
	record: action({ ...entryFields, changes: r.opt(changes) }).returns(r.nothing),
	/** Checks the hash chain, and that it leads through the anchors. */
	verify: action({ anchors: r.opt(r.list(anchor)) }, { repeatable: true }).returns(
		r.obj({
			entries: r.int({ min: 0 }),
			/** How many of them, the first ones, are of a version without keys: whoever writes the store can make such ones. */
			unkeyed: r.int({ min: 0 }),
			/** The last entry; null where the log is empty. */
			head: r.orNull(anchor),
			/** The first entry that is wrong, and why; null where none is. */
			brokenAt: r.orNull(r.str()),
			reason: r.orNull(r.str())
		})
	),
	list: action({
		...r.cursorPaging,
		by: r.opt(r.str({ max: 64 })),
		action: r.opt(r.str({ max: 64 })),
		...r.timeRange
	})
		.returns(r.pageOf(entry))
		.rest("GET /admin/audit-log", ["admin"], "Who changed what, when, from where")
});
