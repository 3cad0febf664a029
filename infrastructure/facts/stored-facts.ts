import type { Service } from "moleculer";
import type { StoredFact } from "./transport";

type Observer = (fact: StoredFact) => void;
const observersOf = new WeakMap<Service, Observer>();

/** Calls `observe` with each fact of the service that a write has stored, once, in the process that wrote it. */
export function observeStoredFacts(service: Service, observe: Observer): void {
	observersOf.set(service, observe);
}

/** Tells the observer of the service. */
export function reportStoredFacts(service: Service, facts: readonly StoredFact[]): void {
	const observe = observersOf.get(service);
	if (observe) facts.forEach(observe);
}
