import { action, contract, id, int, list, nothing, num, obj, orNull, str, time, type TypeOf } from "./kit";

/** A step that a service's own documents tell of: there also when every span of it is lost. */
export const historyStep = obj({ at: time(), step: str(), event: orNull(str()), outcome: str() });
export type HistoryStep = TypeOf<typeof historyStep>;

const shared = {
	at: time(),
	service: str(),
	/** What was done: an action's name, `told` or `heard` of a fact, or the step as the documents have it. */
	step: str(),
	/** The fact, or what moved the order. */
	event: orNull(str()),
	attempt: int({ min: 1 }),
	ms: num({ min: 0 }),
	/** `ok`, the code of a refusal, or what went wrong. */
	outcome: str()
};
/** One thing that a node did, as it saw it. Diagnostics: it may be missing, never be relied on. */
const span = obj({
	...shared,
	node: str(),
	orderId: orNull(id()),
	/** Of the request, or the fact's id: what belongs to the same work has the same. */
	requestId: str()
});
export type Span = TypeOf<typeof span>;

/** `node` is null for what the documents tell. */
const step = obj({ ...shared, node: orNull(str()) });
export type TraceStep = TypeOf<typeof step>;

export const MAX_SPANS_PER_CALL = 1000;

export const traces = contract("traces", {
	/** Keeps what a node did; sent in the background by `middlewares/trace.middleware.ts`. */
	keep: action({ spans: list(span, { max: MAX_SPANS_PER_CALL }) }).returns(nothing),
	ofOrder: action({ id: str({ max: 128 }) })
		.returns(list(step))
		.rest(
			"GET /admin/orders/:id/trace",
			["support", "warehouse"],
			"Every step of an order's life across services, by its id, its number or the id of a request about it"
		)
});
