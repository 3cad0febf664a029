import { context, ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import type { StoredFact } from "../facts/transport";
import { readStringField } from "../trace/field";
import { parseTraceparent, runInSpan } from "./spans";

type Handling = {
	/** The service that handles the fact. */
	readonly group: string;
	readonly attempt: number;
	/** The transport that delivered the fact, as OpenTelemetry names it. */
	readonly system: string;
};

/**
 * Handles a delivery of a fact in the trace of the call that made the fact, with a link to that call. A fact of a sweep has no
 * trace: it is handled outside of any, also where a traced call of this process made the transport look for facts.
 */
export function traceFact(fact: StoredFact, handling: Handling, handle: () => Promise<void>): Promise<void> {
	return runInTraceOf("process", fact, handling, handle);
}

/** Makes an attempt to deliver a fact to another system, like the handling of a fact. */
export function traceWebhook<R>(fact: StoredFact, handling: Handling, send: () => Promise<R>): Promise<R> {
	return runInTraceOf("deliver", fact, handling, send);
}

function runInTraceOf<R>(
	operation: string,
	{ id, event, payload, traceparent }: StoredFact,
	{ group, attempt, system }: Handling,
	work: () => Promise<R>
): Promise<R> {
	if (traceparent === undefined) return context.with(ROOT_CONTEXT, work);
	const parent = parseTraceparent(traceparent);
	const producer = trace.getSpanContext(parent);
	const orderId = readStringField(payload, "orderId");
	// Attributes of messages are not stable yet, so their names are not in the package.
	const attributes = {
		"messaging.system": system,
		"messaging.operation.name": operation,
		"messaging.operation.type": "process",
		"messaging.destination.name": event,
		"messaging.message.id": id,
		"messaging.consumer.group.name": group,
		"zjmall.fact.attempt": attempt,
		...(orderId !== null && { "zjmall.order.id": orderId })
	};
	const links = producer ? [{ context: producer }] : [];
	return runInSpan(`${operation} ${event}`, { kind: SpanKind.CONSUMER, attributes, links }, parent, work);
}
