import type { Middleware, ServiceBroker } from "moleculer";
import { stopBackgroundWork } from "../infrastructure/background-work";
import { leaveBus } from "../infrastructure/bus/nats-bus";
import { findLocalGateway } from "../infrastructure/gateway-url";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * Makes every stop of the broker one that loses nothing: first HTTP requests end, then background work, then requests from the
 * bus, and then the services. Moleculer's own stop leaves the bus first. The order is the same for `npm start`, Moleculer's
 * runner and the REPL's `quit`. While the broker runs, SIGTERM and SIGINT stop it and end the process with exit code 0.
 */
export function gracefulStopMiddleware(maxDrainMs: number): Middleware {
	const onSignals = new WeakMap<ServiceBroker, () => void>();

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
		},
		async starting(broker: ServiceBroker) {
			const onSignal = () => void broker.stop().finally(() => process.exit(0));
			onSignals.set(broker, onSignal);
			for (const signal of SIGNALS) process.on(signal, onSignal);
		},
		async stopped(broker: ServiceBroker) {
			const onSignal = onSignals.get(broker);
			if (onSignal) for (const signal of SIGNALS) process.off(signal, onSignal);
		}
	};
}
