import type { Service } from "moleculer";
import type { FactsTransport, StoredFact } from "../facts/transport";
import { readStringField } from "./field";
import { recordSpan, spans } from "./spans";

/** Wraps the transport's `publish` for an outbox: adds a span for each published fact of an order. */
export const tracePublishing = (
	service: Service,
	facts: FactsTransport
): Pick<FactsTransport, "publish"> => ({
	async publish(published) {
		await facts.publish(published);
		for (const { id, event, payload, at } of published) {
			const orderId = readStringField(payload, "orderId");
			if (orderId !== null)
				spans.add({
					at: at.toISOString(),
					service: service.name,
					node: service.broker.nodeID,
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
});

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
