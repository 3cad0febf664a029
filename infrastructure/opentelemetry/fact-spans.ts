import { context, ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import type { StoredFact } from "../facts/transport";
import { readStringField } from "../trace/field";
import { parseTraceparent, runInSpan } from "./spans";

/**
 * Handles a delivery of a fact in the trace of the call that made the fact, with a link to that call. A fact of a sweep has no
 * trace: it is handled outside of any, also where a traced call of this process made the transport look for facts.
 */
export function traceFact(
	{ id, event, payload, traceparent }: StoredFact,
	{ group, attempt, system }: { readonly group: string; readonly attempt: number; readonly system: string },
	handle: () => Promise<void>
): Promise<void> {
	if (traceparent === undefined) return context.with(ROOT_CONTEXT, handle);
	const parent = parseTraceparent(traceparent);
	const producer = trace.getSpanContext(parent);
	const orderId = readStringField(payload, "orderId");
	// Attributes of messages are not stable yet, so their names are not in the package.
	const attributes = {
		"messaging.system": system,
		"messaging.operation.name": "process",
		"messaging.operation.type": "process",
		"messaging.destination.name": event,
		"messaging.message.id": id,
		"messaging.consumer.group.name": group,
		"zjmall.fact.attempt": attempt,
		...(orderId !== null && { "zjmall.order.id": orderId })
	};
	const links = producer ? [{ context: producer }] : [];
	return runInSpan(`process ${event}`, { kind: SpanKind.CONSUMER, attributes, links }, parent, handle);
}
