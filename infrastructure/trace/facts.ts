import type { Service } from "moleculer";
import type { Publisher, StoredFact } from "../facts/transport";
import { readStringField } from "./field";
import { recordSpan, spans } from "./spans";

/** Wraps a publisher for an outbox: adds a span for each published fact of an order. */
export function tracePublishing(service: Service, { publish, enqueue }: Publisher): Publisher {
	return {
		async publish(facts) {
			await publish(facts);
			addSpans(service, facts);
		},
		...(enqueue && {
			enqueue(facts) {
				enqueue(facts);
				addSpans(service, facts);
			}
		})
	};
}

function addSpans({ name, broker }: Service, published: readonly StoredFact[]): void {
	for (const { id, event, payload, at } of published) {
		const orderId = readStringField(payload, "orderId");
		if (orderId !== null)
			spans.add({
				at: at.toISOString(),
				service: name,
				node: broker.nodeID,
				step: "published",
				event,
				attempt: 1,
				ms: Math.max(0, Date.now() - at.getTime()),
				outcome: "ok",
				orderId,
				requestId: id
			});
	}
}

/** Calls the handler of a fact. If the fact is about an order, records a span of the attempt, and has its calls traced too. */
export function traceDelivery(
	{ name, broker }: Service,
	{ id, event, payload }: StoredFact,
	attempt: number,
	handle: (meta: { ofOrder?: true }) => Promise<void>
): Promise<void> {
	const orderId = readStringField(payload, "orderId");
	if (orderId === null) return handle({});
	return recordSpan(
		() => handle({ ofOrder: true }),
		() => ({
			service: name,
			node: broker.nodeID,
			step: "handled",
			event,
			attempt,
			orderId,
			requestId: id
		})
	);
}
