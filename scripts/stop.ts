import type { ServiceBroker } from "moleculer";
import { endOwnWork } from "../mixins/own-work";
import { drain } from "./banner";

/** Stops in the order that loses nothing: requests under way, then the process's own work, then the services. */
export async function stopShop(broker: ServiceBroker, drainMs: number): Promise<void> {
	await drain(broker, drainMs);
	await endOwnWork(broker);
	await broker.stop();
}
