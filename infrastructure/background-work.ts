import type { ServiceBroker } from "moleculer";

/** Stops a piece of work and resolves when its current run has ended; a second call changes nothing. */
type Stop = () => Promise<unknown>;

const stopsOf = new WeakMap<ServiceBroker, Set<Stop>>();

/**
 * The registered work that a process does by itself: handling facts, sweeps, polling. It must end before the node leaves the
 * bus: from then on the process's calls to its own services get no response, and would be waited for until they time out.
 */
export function backgroundWork(broker: ServiceBroker): Set<Stop> {
	const stops = stopsOf.get(broker) ?? new Set<Stop>();
	stopsOf.set(broker, stops);
	return stops;
}

export async function stopBackgroundWork(broker: ServiceBroker): Promise<void> {
	await Promise.all([...backgroundWork(broker)].map(stop => stop()));
}
