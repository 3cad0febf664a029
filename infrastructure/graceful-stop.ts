import type { ServiceBroker } from "moleculer";
import { stopBackgroundWork } from "./background-work";
import { leaveBus } from "./bus/nats-bus";
import { findLocalGateway } from "./gateway-url";

/** Stops in the order that loses nothing: HTTP requests, background work, requests from the bus, and then the services. */
export async function stopShop(broker: ServiceBroker, drainMs: number): Promise<void> {
	await findLocalGateway(broker)?.drain(drainMs);
	await stopBackgroundWork(broker);
	await leaveBus(broker);
	await broker.stop();
}
