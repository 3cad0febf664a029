import type { Middleware, ServiceBroker } from "moleculer";

/**
 * Brings this node's services onto the bus before anything here calls them. Left to its timer, the subscriptions would be
 * made a moment after the start, and calls sent in that moment would be lost.
 */
export const presenceMiddleware = (): Middleware => ({
	name: "Presence",
	async started(broker: ServiceBroker) {
		// With a debounce time the broker makes a lodash debounced function of it.
		const { localServiceChanged: later } = broker as { localServiceChanged?: { cancel?(): void } };
		later?.cancel?.();
		await broker.registry.discoverer.sendLocalNodeInfo();
	}
});
