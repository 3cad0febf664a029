import type { ServiceBroker } from "moleculer";

/** Stops a piece of work and resolves when its current run has ended; a second call changes nothing. */
type Stop = () => Promise<unknown>;

const stopsOf = new WeakMap<ServiceBroker, Stop[]>();

/**
 * Registers work that a process does by itself: handling facts, sweeps, polling. It must end before the node leaves the bus:
 * from then on the process's calls to its own services get no response, and would be waited for until they time out.
 */
export function registerBackgroundWork(broker: ServiceBroker, stop: Stop): void {
	const stops = stopsOf.get(broker) ?? [];
	stops.push(stop);
	stopsOf.set(broker, stops);
}

export async function stopBackgroundWork(broker: ServiceBroker): Promise<void> {
	await Promise.all((stopsOf.get(broker) ?? []).map(stop => stop()));
}
