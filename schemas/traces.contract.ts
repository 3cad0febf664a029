import { action, contract } from "./kit/contract";
import * as r from "./kit/rules";

/** A step that a service's own documents tell of: there also when every span of it is lost. */
export const historyStep = r.obj({ at: r.time(), step: r.str(), event: r.orNull(r.str()), outcome: r.str() });
export type HistoryStep = r.TypeOf<typeof historyStep>;

const shared = {
	at: r.time(),
	service: r.str(),
	/** What was done: an action's name, `told` or `heard` of a fact, or the step as the documents have it. */
	step: r.str(),
	/** The fact, or what moved the order. */
	event: r.orNull(r.str()),
	attempt: r.int({ min: 1 }),
	ms: r.num({ min: 0 }),
	/** `ok`, the code of a refusal, or what went wrong. */
	outcome: r.str()
};
/** One thing that a node did, as it saw it. Diagnostics: it may be missing, never be relied on. */
const span = r.obj({
	...shared,
	node: r.str(),
	orderId: r.orNull(r.id()),
	/** Of the request, or the fact's id: what belongs to the same work has the same. */
	requestId: r.str()
});
export type Span = r.TypeOf<typeof span>;

/** `node` is null for what the documents tell. */
const step = r.obj({ ...shared, node: r.orNull(r.str()) });
export type TraceStep = r.TypeOf<typeof step>;

export const MAX_SPANS_PER_CALL = 1000;

export const traces = contract("traces", {
	/** Keeps what a node did; sent in the background by `middlewares/trace.middleware.ts`. */
	record: action({ spans: r.list(span, { max: MAX_SPANS_PER_CALL }) }).returns(r.nothing),
	ofOrder: action({ id: r.str({ max: 128 }) })
		.returns(r.list(step))
		.rest(
			"GET /admin/orders/:id/trace",
			["support", "warehouse"],
			"Every step of an order's life across services, by its id, its number or the id of a request about it"
		)
});
