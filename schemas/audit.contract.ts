import {
	action,
	any,
	contract,
	cursorPaging,
	int,
	nothing,
	obj,
	opt,
	orNull,
	pageOf,
	record,
	str,
	time,
	timeRange,
	type TypeOf
} from "./kit";

const entryFields = {
	by: orNull(str()),
	roles: orNull(str()),
	/** The action, e.g. `products.approve`. */
	what: str(),
	/** Path and body of the request, secrets left out. */
	params: record(any()),
	outcome: str(),
	ip: orNull(str()),
	requestId: orNull(str())
};
const entry = obj({ id: str(), at: time(), ...entryFields });
export type AuditEntry = TypeOf<typeof entry>;

export const audit = contract("audit", {
	record: action(entryFields).returns(nothing),
	/** Walks the chain; `brokenAt` is the first entry that is not as it was written or does not follow its forerunner. */
	verify: action({}, { repeatable: true }).returns(
		obj({ entries: int({ min: 0 }), brokenAt: orNull(str()) })
	),
	list: action({ ...cursorPaging, by: opt(str()), what: opt(str()), ...timeRange })
		.returns(pageOf(entry))
		.rest("GET /admin/audit-log", ["admin"], "Who changed what, when, from where")
});
