import type { Service } from "moleculer";
import type { FactsTransport, StoredFact } from "../facts/transport";
import { readStringField } from "./field";
import { spans, recordSpan } from "./spans";

/** The queue of facts as an outbox sees it, noting when the facts of an order were told. */
export const tracePublishing = (
	service: Service,
	facts: FactsTransport
): Pick<FactsTransport, "publish"> => ({
	async publish(told) {
		await facts.publish(told);
		for (const { id, event, payload, at } of told) {
			const orderId = readStringField(payload, "orderId");
			if (orderId !== null)
				spans.add({
					at: at.toISOString(),
					service: service.name,
					node: service.broker.nodeID,
					step: "told",
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

/** Notes a delivery of an order's fact to its consumer: each attempt, and how it went. */
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
			step: "heard",
			event,
			attempt,
			orderId,
			requestId: id
		})
	);
}
