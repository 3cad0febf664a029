import type { Middleware, ServiceBroker } from "moleculer";
import { listenToPool, sendToPool } from "../infrastructure/worker-pool";

type Broadcast = (event: string, payload: unknown, ...options: unknown[]) => Promise<void>;

/** Passes plain broadcasts on to the other processes of the pool. For processes that have no bus in common. */
export function poolHintsMiddleware(): Middleware {
	let stopListening: (() => void) | undefined;
	const wrapBroadcast =
		(next: Broadcast): Broadcast =>
		(event, payload, ...options) => {
			if (!event.startsWith("$")) sendToPool({ kind: "hint", event, payload });
			return next(event, payload, ...options);
		};
	return {
		name: "PoolHints",
		broadcast: wrapBroadcast as never, // Moleculer's type has only the wrapped function's name
		async started(broker: ServiceBroker) {
			stopListening = listenToPool((event, payload) => void broker.broadcastLocal(event, payload));
		},
		async stopped() {
			stopListening?.();
		}
	};
}
