import type { Server } from "node:http";
import type { Middleware, ServiceBroker } from "moleculer";
import { startMetricsServer, type MetricsAddress } from "../infrastructure/metrics-server";
import { settings } from "../settings";

/** Serves metrics on METRICS_PORT while the broker runs; null, or metrics off: no listener. */
export function metricsServerMiddleware(address: MetricsAddress | null): Middleware {
	let server: Server | undefined;
	return {
		name: "MetricsServer",
		async started(broker: ServiceBroker) {
			if (address && settings.metrics) server = await startMetricsServer(broker, address);
		},
		async stopped() {
			server?.close();
			server?.closeAllConnections();
		}
	};
}
