import {
	action,
	any,
	contract,
	id,
	int,
	list,
	nothing,
	obj,
	orNull,
	pageOf,
	paging,
	record,
	str,
	text,
	time
} from "./kit";

const deadLetter = obj({
	id: id(),
	event: str(),
	consumer: str(),
	payload: record(any()),
	error: text(),
	attempts: int({ min: 1 }),
	at: time(),
	/** The fact itself; replaying delivers it under this id again. */
	factId: str()
});

export const deadLetters = contract("deadLetters", {
	/** What each consumer has yet to do, for health and metrics. */
	lag: action({}, { repeatable: true }).returns(
		list(obj({ consumer: str(), event: str(), pending: int({ min: 0 }), oldestAt: orNull(time()) }))
	),
	list: action({ ...paging })
		.returns(pageOf(deadLetter))
		.rest("GET /admin/dead-letters", ["admin"], "Events that a consumer gave up on, newest first"),
	replay: action({ id: id() })
		.returns(nothing)
		.rest("POST /admin/dead-letters/:id/replay", ["admin"], "Deliver it to its consumer again", {
			errors: ["NOT_FOUND"]
		}),
	discard: action({ id: id() })
		.returns(nothing)
		.rest("POST /admin/dead-letters/:id/discard", ["admin"], "Give it up for good", {
			errors: ["NOT_FOUND"]
		})
});
