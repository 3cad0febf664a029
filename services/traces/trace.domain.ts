import type { HistoryStep, Span, TraceStep } from "../../schemas/traces.contract";

/** The spans that one node recorded for one request at about the same time. */
export type SpanBatch = {
	readonly _id: string;
	readonly requestId: string;
	/** The request's id and the ids of the orders that it is about; batches are found by them. */
	readonly refs: readonly string[];
	readonly spans: readonly Span[];
};

/** Groups spans by request: few documents instead of many, since each costs an entry in the index. */
export function groupSpans(spans: readonly Span[], newId: () => string): SpanBatch[] {
	return [...Map.groupBy(spans, ({ requestId }) => requestId)].map(([requestId, group]) => {
		const orderIds = group.flatMap(({ orderId }) => orderId ?? []);
		return { _id: newId(), requestId, refs: [...new Set([requestId, ...orderIds])], spans: group };
	});
}

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
