import { action, contract } from "./kit/contract";
import * as r from "./kit/rules";

const deadLetter = r.obj("DeadLetter", {
	id: r.id(),
	event: r.str(),
	consumer: r.str(),
	payload: r.record(r.any()),
	error: r.text(),
	attempts: r.int({ min: 1 }),
	at: r.time(),
	/** Id of the fact. A replay delivers the fact under this id again. */
	factId: r.str()
});

export const deadLetters = contract("deadLetters", {
	/** The backlog of each consumer, for health checks and metrics. */
	lag: action({}, { repeatable: true }).returns(
		r.list(
			r.obj({
				consumer: r.str(),
				event: r.str(),
				pending: r.int({ min: 0 }),
				oldestAt: r.orNull(r.time())
			})
		)
	),
	list: action({ ...r.paging })
		.returns(r.pageOf(deadLetter))
		.rest("GET /admin/dead-letters", ["admin"], "Events that a consumer gave up on, newest first"),
	replay: action({ id: r.id() })
		.returns(r.nothing)
		.rest("POST /admin/dead-letters/:id/replay", ["admin"], "Deliver it to its consumer again", {
			errors: ["NOT_FOUND"]
		}),
	discard: action({ id: r.id() })
		.returns(r.nothing)
		.rest("POST /admin/dead-letters/:id/discard", ["admin"], "Give it up for good", {
			errors: ["NOT_FOUND"]
		})
});
