import type { ServiceBroker } from "moleculer";
import { leaveBus } from "../mixins/bus";
import { endOwnWork } from "../mixins/own-work";
import { drain } from "./banner";

/** Stops in the order that loses nothing: requests under way, the process's own work, what others sent it, the services. */
export async function stopShop(broker: ServiceBroker, drainMs: number): Promise<void> {
	await drain(broker, drainMs);
	await endOwnWork(broker);
	await leaveBus(broker);
	await broker.stop();
}
