import type { ServiceBroker } from "moleculer";

/** Ends some work and waits for what of it is under way; again is a no-op. */
type End = () => Promise<unknown>;

const works = new WeakMap<ServiceBroker, Set<End>>();

/**
 * What a process does without being asked: handling facts, sweeping, polling. It has to end before the node leaves the bus:
 * as soon as it is leaving, its calls to its own services go nowhere, and would be waited for until they time out.
 */
export function backgroundWork(broker: ServiceBroker): Set<End> {
	const known = works.get(broker) ?? new Set<End>();
	works.set(broker, known);
	return known;
}

export async function stopBackgroundWork(broker: ServiceBroker): Promise<void> {
	await Promise.all([...backgroundWork(broker)].map(end => end()));
}
