import type { HistoryStep, Span, TraceStep } from "../../schemas/traces.contract";

/** The spans that one node recorded at about the same time for the requests and facts about one order, or for one request. */
export type SpanBatch = {
	readonly _id: string;
	/** Id of the first request. */
	readonly requestId: string;
	/**
	 * What batches are found by: the orders, and the requests. A fact (its id is a request id too) whose spans name their order is
	 * found by the order alone, since each of these rows costs as much as the document.
	 */
	readonly refs: readonly string[];
	readonly spans: readonly Span[];
};

/** Groups spans by order, or by request where that is about none or several: few documents, since each costs index entries. */
export function groupSpans(spans: readonly Span[], newId: () => string): SpanBatch[] {
	const ofRequests = [...Map.groupBy(spans, ({ requestId }) => requestId)].map(([requestId, group]) => ({
		requestId,
		orderIds: new Set(group.flatMap(({ orderId }) => orderId ?? [])),
		isFact: group.some(({ event }) => event !== null),
		group
	}));
	const byOrder = Map.groupBy(ofRequests, ({ requestId, orderIds: [orderId, other] }) =>
		orderId !== undefined && other === undefined ? orderId : requestId
	);
	return [...byOrder.values()].map(requests => {
		const refs = requests.flatMap(({ requestId, orderIds, isFact }) =>
			isFact && orderIds.size > 0 ? [...orderIds] : [requestId, ...orderIds]
		);
		return {
			_id: newId(),
			requestId: requests[0]?.requestId ?? "",
			refs: [...new Set(refs)],
			spans: requests.flatMap(({ group }) => group)
		};
	});
}

/** Batches that an order's trace keeps: more than any order has, with all its repairs, refunds and questions. */
export const MAX_KEPT_BATCHES = 400;

/**
 * The batches, oldest first, that an order's trace can do without: those between its first ones and its latest ones, so that a
 * client who repeats requests about it neither grows the trace without end nor hides its beginning or its end. Batches about other
 * orders too stay.
 */
export const findSurplus = (batches: readonly SpanBatch[], orderId: string): SpanBatch[] =>
	batches
		.slice(MAX_KEPT_BATCHES / 2, -MAX_KEPT_BATCHES / 2)
		.filter(batch => listOrderIds(batch).every(id => id === orderId));

/** The orders that a batch is about. */
export const listOrderIds = ({ spans }: SpanBatch): string[] => [
	...new Set(spans.flatMap(({ orderId }) => orderId ?? []))
];

export const findOrderId = (batches: readonly SpanBatch[]): string | null =>
	batches.flatMap(({ spans }) => spans.flatMap(({ orderId }) => orderId ?? []))[0] ?? null;

/** The steps of one order's life, without spans of other orders that the same requests worked on. */
export const selectSteps = (batches: readonly SpanBatch[], orderId: string): TraceStep[] =>
	batches
		.flatMap(({ spans }) => spans)
		.filter(span => span.orderId === null || span.orderId === orderId)
		.map(({ at, service, node, step, event, attempt, ms, outcome }) => ({
			at,
			service,
			node,
			step,
			event,
			attempt,
			ms,
			outcome
		}));

/** A step that a service's documents record: a moment without a duration and a node. */
export const toStep =
	(service: string) =>
	({ at, step, event, outcome }: HistoryStep): TraceStep => ({
		at,
		service,
		node: null,
		step,
		event,
		attempt: 1,
		ms: 0,
		outcome
	});

/** Sorts steps by time; steps of the same time stay in the order in which they were recorded. */
export const sortSteps = (steps: readonly TraceStep[]): TraceStep[] =>
	steps.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
