import type { Middleware, Service, ServiceBroker } from "moleculer";
import { events } from "../schemas/registry";
import { backends } from "./backends";

/**
 * Delivers facts to the services that react to them: every handler of a fact's name in a service's `events` becomes a
 * durable consumer of the group named after the service. A handler that rejects gets the fact again, later; after the last
 * attempt the fact is a dead letter. Plain Moleculer events (hints) are left alone.
 */
export function factsMiddleware(): Middleware {
	const consumers = new Map<Service, (() => Promise<void>)[]>();
	return {
		name: "Facts",
		async serviceStarted(service: Service) {
			const facts = backends.facts(service.broker.logger);
			const heard = Object.keys(service.schema.events ?? {}).filter(name =>
				Object.hasOwn(events, name)
			);
			const stops = heard.map(event =>
				facts.consume({
					group: service.name,
					event,
					handle: (fact, attempt) =>
						service.emitLocalEventHandler(event, fact.payload, {
							requestID: fact.id,
							meta: { factId: fact.id, factAt: fact.at.toISOString(), attempt }
						}) as Promise<void>
				})
			);
			consumers.set(service, await Promise.all(stops));
		},
		async serviceStopping(service: Service) {
			await Promise.all((consumers.get(service) ?? []).map(stop => stop()));
			consumers.delete(service);
		},
		async stopped(_broker: ServiceBroker) {
			await backends.close();
		}
	};
}
