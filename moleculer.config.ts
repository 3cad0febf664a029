import type { BrokerOptions } from "moleculer";
import { answersMiddleware } from "./middlewares/answers.middleware";
import { backendsMiddleware } from "./middlewares/backends.middleware";
import { busMiddleware } from "./middlewares/bus.middleware";
import { NatsBus } from "./infrastructure/bus/nats-bus";
import { configMiddleware } from "./middlewares/config.middleware";
import { factsMiddleware } from "./middlewares/facts.middleware";
import { inFlightMiddleware } from "./middlewares/in-flight.middleware";
import { invariantsMiddleware } from "./invariants/invariants.middleware";
import { LazyValidator } from "./infrastructure/lazy-validator";
import { logDestination, pinoOptions } from "./infrastructure/log";
import { migrationsMiddleware } from "./middlewares/migrations.middleware";
import { natsOptions } from "./infrastructure/nats";
import { metricsServerMiddleware } from "./middlewares/metrics-server.middleware";
import { inlinePrometheus } from "./infrastructure/prometheus";
import { traceMiddleware } from "./middlewares/trace.middleware";
import { Refusal } from "./schemas/errors";
import { VALIDATOR_OPTIONS } from "./schemas/validator";
import { isRetryable, RETRY_POLICY } from "./schemas/retries";
import { replCommands } from "./repl/repl";
import { settings } from "./settings";

// Also in the version at hand; its types don't know it. New services are seen by the others after this many ms.
const quickly: object = { serviceChangedDebounceTime: 50 };

/** How the broker runs, by the settings alone. Services never ask which way. */
const config: BrokerOptions = {
	namespace: settings.namespace,
	...(settings.nodeId && { nodeID: settings.nodeId }),
	// On NATS its queue groups share the work out and find another replica when one dies; the own balancer would go on
	// sending to the dead one until its heartbeat is missed. All nodes have to agree on it.
	...(settings.nats && {
		transporter: new NatsBus(natsOptions(settings.nats)),
		disableBalancer: true,
		transit: quickly,
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
	// Every call ends; a time-out means unknown, and only what may be repeated is tried again.
	requestTimeout: settings.requestTimeoutMs / 2,
	retryPolicy: {
		...RETRY_POLICY,
		enabled: false, // the kit enables retries for the actions whose contract says `repeatable`
		check: isRetryable
	},
	circuitBreaker: {
		// It judges nodes; on NATS no caller knows which node will answer, and an open one would not close again.
		enabled: !settings.nats,
		threshold: 0.5,
		windowTime: 60,
		minRequestCount: 20,
		halfOpenTime: 5_000,
		// A node that says no is well: a payment channel's outage must not shut the way to the other channel.
		check: err =>
			!(err instanceof Refusal) &&
			"code" in err &&
			typeof err.code === "number" &&
			err.code >= 500 &&
			err.code < 600
	},
	bulkhead: { enabled: true, concurrency: 500, maxQueueSize: 2000 },
	validator: new LazyValidator(VALIDATOR_OPTIONS),
	metrics: { enabled: settings.metrics, reporter: [inlinePrometheus() as never] },
	tracing: { enabled: settings.tracing !== "off", exporter: { type: "Console" } },
	// Signals are handled in main.ts: the gateway drains before the services stop.
	skipProcessEventRegistration: true,
	registry: { stopDelay: 0 },
	dependencyInterval: 50,
	internalServices: true,
	replOptions: { delimiter: "mall $", customCommands: [...replCommands] },
	middlewares: [
		backendsMiddleware(),
		migrationsMiddleware(),
		inFlightMiddleware(8000),
		busMiddleware(),
		configMiddleware(),
		factsMiddleware(),
		...(settings.checkAnswers ? [answersMiddleware()] : []),
		traceMiddleware(),
		invariantsMiddleware(settings.checkInvariantsEvery),
		metricsServerMiddleware(settings.metricsServer)
	]
};
export default config;
