import type { HistoryStep, Span, TraceStep } from "../../schemas/traces.contract";

/** What one node noted of one piece of work within a moment: found by its request, and by each order that it is about. */
export type SpanBatch = {
	readonly _id: string;
	readonly requestId: string;
	/** The request's id and the orders' ids. */
	readonly refs: readonly string[];
	readonly spans: readonly Span[];
};

/** Few documents instead of many spans, since each costs its place in the index. */
export function groupSpans(spans: readonly Span[], newId: () => string): SpanBatch[] {
	return [...Map.groupBy(spans, ({ requestId }) => requestId)].map(([requestId, those]) => {
		const orders = those.flatMap(({ orderId }) => orderId ?? []);
		return { _id: newId(), requestId, refs: [...new Set([requestId, ...orders])], spans: those };
	});
}

export const findOrderId = (found: readonly SpanBatch[]): string | null =>
	found.flatMap(({ spans }) => spans.flatMap(({ orderId }) => orderId ?? []))[0] ?? null;

/** The spans of this order's work, without those that the same work did for another. */
export const selectSteps = (found: readonly SpanBatch[], orderId: string): TraceStep[] =>
	found
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

/** A step of the documents: a moment, without the node that made it. */
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

/** By their time; where that is the same, as they were noted. */
export const sortSteps = (steps: readonly TraceStep[]): TraceStep[] =>
	steps.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
