import type { ServiceBroker } from "moleculer";
import { leaveBus } from "./bus/nats-bus";
import { localGateway } from "./gateway-url";
import { stopBackgroundWork } from "./background-work";

/** Stops in the order that loses nothing: requests under way, the process's own work, what others sent it, the services. */
export async function stopShop(broker: ServiceBroker, drainMs: number): Promise<void> {
	await localGateway(broker)?.drain(drainMs);
	await stopBackgroundWork(broker);
	await leaveBus(broker);
	await broker.stop();
}
