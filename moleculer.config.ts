import cluster from "node:cluster";
import { hostname } from "node:os";
import type { BrokerOptions } from "moleculer";
import { answersMiddleware } from "./middlewares/answers.middleware";
import { backendsMiddleware } from "./middlewares/backends.middleware";
import { busMiddleware } from "./middlewares/bus.middleware";
import type * as NatsBusModule from "./infrastructure/bus/nats-bus";
import { callerMiddleware } from "./middlewares/caller.middleware";
import { callMetricsMiddleware } from "./middlewares/call-metrics.middleware";
import { configMiddleware } from "./middlewares/config.middleware";
import { environmentMiddleware } from "./middlewares/environment.middleware";
import { factsMiddleware } from "./middlewares/facts.middleware";
import { gracefulStopMiddleware } from "./middlewares/graceful-stop.middleware";
import { inFlightMiddleware } from "./middlewares/in-flight.middleware";
import { invariantsMiddleware } from "./invariants/invariants.middleware";
import { LazyValidator } from "./infrastructure/lazy-validator";
import { logDestination, pinoOptions } from "./infrastructure/log";
import { migrationsMiddleware } from "./middlewares/migrations.middleware";
import type * as NatsModule from "./infrastructure/nats";
import { findNatsUser } from "./infrastructure/nats-user";
import { tracing } from "./infrastructure/opentelemetry/tracing";
import { metricsServerMiddleware } from "./middlewares/metrics-server.middleware";
import { poolHintsMiddleware } from "./middlewares/pool-hints.middleware";
import { processMetricsMiddleware } from "./middlewares/process-metrics.middleware";
import { storageMetricsMiddleware } from "./middlewares/storage-metrics.middleware";
import { traceMiddleware } from "./middlewares/trace.middleware";
import { VALIDATOR_OPTIONS } from "./schemas/kit/validator";
import { isRetryable, RETRY_POLICY } from "./schemas/values/retries";
import { replAuditMiddleware } from "./repl/repl-audit.middleware";
import { replCommands } from "./repl/repl";
import { settings } from "./settings";

/** New services are announced to the other nodes after this many ms. Moleculer's types lack the option. */
const transit: object = { serviceChangedDebounceTime: 50 };

/** Loads the driver only where there is a bus: an embedded shop starts sooner and needs less memory without. */
function createBus(nats: NonNullable<typeof settings.nats>) {
	const { NatsBus } = require("./infrastructure/bus/nats-bus") as typeof NatsBusModule;
	const { toNatsOptions } = require("./infrastructure/nats") as typeof NatsModule;
	return new NatsBus(toNatsOptions(nats));
}

/** On NATS the id begins with the user, since that part of a subject decides who may read what is sent to the node. */
function chooseNodeId(): string {
	const user = settings.nats && findNatsUser(settings.nats.servers);
	return user ? `${user}.${settings.nodeId || `${hostname()}-${process.pid}`}` : settings.nodeId;
}
const nodeID = chooseNodeId();

/** The broker's options. They depend on the environment's settings alone, and services don't depend on them. */
const config: BrokerOptions = {
	namespace: settings.namespace,
	...(nodeID && { nodeID }),
	// NATS balances the calls to services of other processes by its queue groups (the bus middleware calls those of this
	// process directly), and at once skips a replica that died; Moleculer's balancer would go on calling it until its heartbeat
	// is missed. All nodes must use the same balancer.
	...(settings.nats && {
		transporter: createBus(settings.nats),
		disableBalancer: true,
		transit,
		heartbeatInterval: 2,
		heartbeatTimeout: 6
	}),
	logger:
		settings.logLevel === "silent"
			? false
			: {
					type: "Pino",
					options: {
						level: settings.logLevel,
						pino: { options: pinoOptions, destination: logDestination }
					}
				},
	// Every call ends. After a time-out its effect is unknown, so only repeatable calls are retried.
	requestTimeout: settings.requestTimeoutMs / 2,
	retryPolicy: {
		...RETRY_POLICY,
		enabled: false, // the kit enables retries for the actions whose contract says `repeatable`
		check: isRetryable
	},
	bulkhead: { enabled: true, concurrency: 500, maxQueueSize: 2000 },
	validator: new LazyValidator(VALIDATOR_OPTIONS),
	metrics: { enabled: false }, // the shop counts calls itself: Moleculer's way costs most of what a local call costs
	tracing: { enabled: settings.tracing !== "off", exporter: { type: "Console" } },
	registry: { stopDelay: 0 },
	dependencyInterval: 50,
	internalServices: true,
	replOptions: { delimiter: "mall $", customCommands: [...replCommands] },
	middlewares: [
		gracefulStopMiddleware(8000),
		backendsMiddleware(),
		environmentMiddleware(),
		migrationsMiddleware(),
		inFlightMiddleware(8000),
		busMiddleware(),
		...(settings.nats ? [callerMiddleware()] : []),
		...(cluster.isWorker && !settings.nats ? [poolHintsMiddleware()] : []),
		replAuditMiddleware(),
		configMiddleware(),
		factsMiddleware(),
		...(settings.checkAnswers ? [answersMiddleware()] : []),
		traceMiddleware(),
		...(tracing ? [tracing.middleware] : []),
		invariantsMiddleware(settings.checkInvariantsEvery),
		...(settings.metrics ? [callMetricsMiddleware()] : []),
		processMetricsMiddleware(),
		storageMetricsMiddleware(),
		metricsServerMiddleware(settings.metricsServer)
	]
};
export default config;
