import type { Middleware, Service, ServiceBroker } from "moleculer";
import { events } from "../schemas/registry";
import { backends } from "../infrastructure/backends";
import { backgroundWork } from "../infrastructure/background-work";
import { traceDelivery } from "../infrastructure/trace/facts";

/**
 * Delivers facts to the services that react to them: every handler of a fact's name in a service's `events` becomes a
 * durable consumer of the group named after the service. A handler that rejects gets the fact again, later; after the last
 * attempt the fact is a dead letter. Plain Moleculer events (hints) are left alone.
 */
export function factsMiddleware(): Middleware {
	const consumers = new Map<Service, (() => Promise<void>)[]>();
	/** Started before their broker was: on a bus, a handler can't call this process's own services until then. */
	const waiting = new Set<Service>();
	let up = false;

	const consume = async (service: Service) => {
		const facts = backends.facts(service.broker.logger);
		const heard = Object.keys(service.schema.events ?? {}).filter(name => Object.hasOwn(events, name));
		const stops = heard.map(event =>
			facts.consume({
				group: service.name,
				event,
				handle: (fact, attempt) =>
					traceDelivery(
						service,
						fact,
						attempt,
						meta =>
							service.emitLocalEventHandler(event, fact.payload, {
								requestID: fact.id,
								meta: { ...meta, factId: fact.id, factAt: fact.at.toISOString(), attempt }
							}) as Promise<void>
					)
			})
		);
		consumers.set(service, await Promise.all(stops));
	};
	const stop = async (service: Service) => {
		waiting.delete(service);
		const stops = consumers.get(service) ?? [];
		consumers.delete(service);
		await Promise.all(stops.map(end => end()));
	};
	return {
		name: "Facts",
		async serviceStarted(service: Service) {
			if (up) await consume(service);
			else waiting.add(service);
		},
		async started(broker: ServiceBroker) {
			backgroundWork(broker).add(() => Promise.all([...consumers.keys()].map(stop)));
			up = true;
			await Promise.all([...waiting].map(consume));
			waiting.clear();
		},
		serviceStopping: stop
	};
}
