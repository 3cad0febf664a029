import type { ServiceBroker } from "moleculer";
import { leaveBus } from "../mixins/bus";
import { localGateway } from "../mixins/gateway-url";
import { endOwnWork } from "../mixins/own-work";

/** Stops in the order that loses nothing: requests under way, the process's own work, what others sent it, the services. */
export async function stopShop(broker: ServiceBroker, drainMs: number): Promise<void> {
	await localGateway(broker)?.drain(drainMs);
	await endOwnWork(broker);
	await leaveBus(broker);
	await broker.stop();
}
