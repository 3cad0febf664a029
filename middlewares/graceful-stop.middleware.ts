import type { Middleware, ServiceBroker } from "moleculer";
import { stopBackgroundWork } from "../infrastructure/background-work";
import { leaveBus } from "../infrastructure/bus/nats-bus";
import { findLocalGateway } from "../infrastructure/gateway-url";

/**
 * Makes every stop of the broker one that loses nothing: first HTTP requests end, then background work, then requests from the
 * bus, and then the services. Moleculer's own stop leaves the bus first. The order is the same for `npm start`, Moleculer's
 * runner, the REPL's `quit` and the signals that Moleculer handles (SIGTERM, SIGINT: exit code 0).
 */
export function gracefulStopMiddleware(maxDrainMs: number): Middleware {
	const stopInOrder = async (broker: ServiceBroker, stop: () => Promise<void>) => {
		await findLocalGateway(broker)?.drain(maxDrainMs);
		await stopBackgroundWork(broker);
		await leaveBus(broker);
		await stop();
	};
	return {
		name: "GracefulStop",
		created(broker: ServiceBroker) {
			const stop = broker.stop.bind(broker);
			let stopping: Promise<void> | undefined;
			// A signal may come twice: from the terminal to the whole process group, and from npm.
			broker.stop = () => (stopping ??= stopInOrder(broker, stop));
		}
	};
}
