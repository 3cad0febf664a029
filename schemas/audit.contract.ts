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
	ip: r.orNull(r.str()),
	requestId: r.orNull(r.str())
};
const entry = r.obj("AuditEntry", { id: r.str(), at: r.time(), ...entryFields });
export type AuditEntry = r.TypeOf<typeof entry>;

export const audit = contract("audit", {
	/** The log itself is evidence: its entries outlive the account that they name by its id. */
	...personalDataActions,
	record: action(entryFields).returns(r.nothing),
	/** Checks the hash chain. `brokenAt` is the first entry that was changed or does not follow the one before it. */
	verify: action({}, { repeatable: true }).returns(
		r.obj({ entries: r.int({ min: 0 }), brokenAt: r.orNull(r.str()) })
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
