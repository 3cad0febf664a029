import { action, contract } from "./kit/contract";
import * as r from "./kit/rules";

/** A step that a service's documents record. It is there even if all spans are lost. */
export const historyStep = r.obj({ at: r.time(), step: r.str(), event: r.orNull(r.str()), outcome: r.str() });
export type HistoryStep = r.TypeOf<typeof historyStep>;

const shared = {
	at: r.time(),
	service: r.str(),
	/** An action's name, `published` or `handled` for a fact, or a step from the documents. */
	step: r.str(),
	/** The fact, or the event that changed the order. */
	event: r.orNull(r.str()),
	attempt: r.int({ min: 1 }),
	ms: r.num({ min: 0 }),
	/** `ok`, the code of a refusal, or the kind of failure. */
	outcome: r.str()
};
/** One piece of work of a node. Spans are diagnostics: some may be missing, so nothing may depend on them. */
const span = r.obj({
	...shared,
	node: r.str(),
	orderId: r.orNull(r.id()),
	/** The request's id, or the fact's. Spans of the same work have the same id. */
	requestId: r.str()
});
export type Span = r.TypeOf<typeof span>;

/** `node` is null for a step from the documents. */
const step = r.obj("TraceStep", { ...shared, node: r.orNull(r.str()) });
export type TraceStep = r.TypeOf<typeof step>;

export const MAX_SPANS_PER_CALL = 1000;

export const traces = contract("traces", {
	/** Stores spans, which `middlewares/trace.middleware.ts` sends in the background. */
	record: action({ spans: r.list(span, { max: MAX_SPANS_PER_CALL }) }).returns(r.nothing),
	ofOrder: action({ id: r.str({ max: 128 }) })
		.returns(r.list(step))
		.rest(
			"GET /admin/orders/:id/trace",
			["support", "warehouse"],
			"Every step of an order's life across services, by its id, its number or the id of a request about it"
		)
});
