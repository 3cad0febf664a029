import type { ServiceBroker } from "moleculer";

type Listener = (tags: readonly string[]) => void;

/** Passes on, within this process and at once, which cached answers are out of date. Tags are as in a contract's `cacheTags`. */
export class Invalidations {
	private readonly listeners = new Set<Listener>();

	listen(listener: Listener): void {
		this.listeners.add(listener);
	}

	/** Announces a change of these entries of a cache; without keys, of some entry. */
	announce(cache: string, keys: readonly string[]): void {
		const tags = [cache, ...keys.map(key => `${cache} ${key}`)];
		for (const listener of this.listeners) listener(tags);
	}
}

const invalidations = new WeakMap<ServiceBroker, Invalidations>();

/** All services of a broker share one. */
export function getInvalidations(broker: ServiceBroker): Invalidations {
	const found = invalidations.get(broker) ?? new Invalidations();
	invalidations.set(broker, found);
	return found;
}
