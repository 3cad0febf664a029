import type { Middleware, Service, ServiceBroker } from "moleculer";
import { backends } from "../infrastructure/backends";
import { registerBackgroundWork } from "../infrastructure/background-work";
import { tracing } from "../infrastructure/opentelemetry/tracing";
import { FACT_DELAY, FACTS_HANDLED } from "../infrastructure/facts/facts.metrics";
import { openCounter, openHistogram } from "../infrastructure/prometheus";
import type { StoredFact } from "../infrastructure/facts/transport";
import { traceDelivery } from "../infrastructure/trace/facts";
import { events } from "../schemas/registry";
import { settings } from "../settings";

/**
 * Delivers facts to the services that handle them: each fact named in a service's `events` gets a durable consumer in the
 * group named after the service. A handler that rejects gets the fact again later; after the last attempt the fact is a dead
 * letter. Plain Moleculer events (hints) are left to Moleculer.
 */
export function factsMiddleware(): Middleware {
	/** The functions that stop each service's consumers. */
	const stopsOf = new Map<Service, (() => Promise<void>)[]>();
	/** Services that started before their broker: on a bus, a handler can't call services of its own process until then. */
	const waiting = new Set<Service>();
	let brokerStarted = false;

	const startConsumers = async (service: Service) => {
		const facts = backends.facts(service.broker.logger);
		const names = Object.keys(service.schema.events ?? {}).filter(name => Object.hasOwn(events, name));
		const measure = measureDeliveries(service);
		const stops = names.map(event =>
			facts.consume({
				group: service.name,
				event,
				handle: (fact, attempt) => {
					const handle = () =>
						measure(fact, attempt, () =>
							traceDelivery(
								service,
								fact,
								attempt,
								meta =>
									service.emitLocalEventHandler(event, fact.payload, {
										requestID: fact.id,
										meta: {
											...meta,
											factId: fact.id,
											factAt: fact.at.toISOString(),
											attempt
										}
									}) as Promise<void>
							)
						);
					if (!tracing) return handle();
					const system = settings.nats ? "nats" : "sqlite";
					return tracing.traceFact(fact, { group: service.name, attempt, system }, handle);
				}
			})
		);
		stopsOf.set(service, await Promise.all(stops));
	};
	const stopConsumers = async (service: Service) => {
		waiting.delete(service);
		const stops = stopsOf.get(service) ?? [];
		stopsOf.delete(service);
		await Promise.all(stops.map(stop => stop()));
	};
	return {
		name: "Facts",
		async serviceStarted(service: Service) {
			if (brokerStarted) await startConsumers(service);
			else waiting.add(service);
		},
		async started(broker: ServiceBroker) {
			registerBackgroundWork(broker, () => Promise.all([...stopsOf.keys()].map(stopConsumers)));
			brokerStarted = true;
			await Promise.all([...waiting].map(startConsumers));
			waiting.clear();
		},
		serviceStopping: stopConsumers
	};
}

/** Counts the attempts of a service to handle facts, and observes how late the first one comes. */
function measureDeliveries({ broker, name: consumer }: Service) {
	const count = openCounter(broker, FACTS_HANDLED);
	const observeDelay = openHistogram(broker, FACT_DELAY);
	for (const outcome of ["handled", "failed"] as const) count({ consumer, outcome }, 0);
	return async (fact: StoredFact, attempt: number, handle: () => Promise<void>): Promise<void> => {
		if (attempt === 1) observeDelay(Math.max(0, Date.now() - fact.at.getTime()) / 1000, {});
		try {
			await handle();
			count({ consumer, outcome: "handled" });
		} catch (err) {
			count({ consumer, outcome: "failed" });
			throw err;
		}
	};
}
