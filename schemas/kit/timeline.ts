import * as r from "./rules";

/** Fields of an entry in the timeline of an order or a case: a change of its status. */
export const timelineFields = <S extends r.AnyRule>(status: S) => ({
	from: r.orNull(status),
	to: status,
	event: r.str(),
	/** A user's id, or "system". */
	by: r.str(),
	at: r.time(),
	reason: r.orNull(r.str())
});
