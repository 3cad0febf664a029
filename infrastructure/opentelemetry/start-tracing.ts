import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { diag, DiagLogLevel, isSpanContextValid, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
	defaultResource,
	detectResources,
	envDetector,
	resourceFromAttributes
} from "@opentelemetry/resources";
import {
	BatchSpanProcessor,
	NodeTracerProvider,
	TraceIdRatioBasedSampler
} from "@opentelemetry/sdk-trace-node";
import {
	ATTR_SERVICE_INSTANCE_ID,
	ATTR_SERVICE_NAME,
	ATTR_SERVICE_NAMESPACE,
	ATTR_SERVICE_VERSION
} from "@opentelemetry/semantic-conventions";
import type { Middleware, ServiceBroker } from "moleculer";
import { version } from "../../package.json";
import { settings, type Settings } from "../../settings";
import { callHooks } from "./call-spans";
import { traceExchange } from "./exchange-span";
import { traceFact, traceWebhook } from "./fact-spans";
import { traceRequest } from "./request-span";
import { traceCollection, traceKeyValueStore } from "./store-spans";
import { formatActiveTraceparent } from "./spans";

/** A stop waits so long for the last spans to be sent. */
const FLUSH_WITHIN_MS = 2_000;
const WARN_EVERY_MS = 60_000;

export type Tracing = ReturnType<typeof startTracing>;

/** Starts OpenTelemetry. The exporter and the batches read the other OTEL_* variables themselves. */
export function startTracing({
	endpoint,
	headers,
	serviceName,
	ratio
}: NonNullable<Settings["openTelemetry"]>) {
	const own = resourceFromAttributes({
		[ATTR_SERVICE_NAME]: serviceName,
		[ATTR_SERVICE_NAMESPACE]: settings.namespace,
		[ATTR_SERVICE_VERSION]: version,
		[ATTR_SERVICE_INSTANCE_ID]: settings.nodeId || `${hostname()}-${process.pid}`
	});
	const named = detectResources({ detectors: [envDetector] }); // OTEL_RESOURCE_ATTRIBUTES
	const provider = new NodeTracerProvider({
		resource: defaultResource().merge(own).merge(named),
		// By the trace's id alone, so that all processes decide alike; a client's own decision does not count.
		sampler: new TraceIdRatioBasedSampler(ratio),
		spanProcessors: [
			new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, headers }))
		]
	});
	provider.register();

	const middleware: Middleware = {
		name: "OpenTelemetry",
		...callHooks,
		created: logFailures,
		async stopped() {
			await Promise.race([
				provider.forceFlush().catch(() => undefined),
				pause(FLUSH_WITHIN_MS, undefined, { ref: false })
			]);
		}
	};
	return {
		middleware,
		traceRequest,
		traceFact,
		traceWebhook,
		traceExchange,
		traceCollection,
		traceKeyValueStore,
		formatActiveTraceparent,
		/** The ids of the active span, for a line of the log. */
		describeActiveSpan(this: void): { trace_id?: string; span_id?: string } {
			const active = trace.getActiveSpan()?.spanContext();
			return active && isSpanContextValid(active)
				? { trace_id: active.traceId, span_id: active.spanId }
				: {};
		}
	};
}

/** Logs at most once a minute that spans could not be sent; they are dropped. */
function logFailures({ logger }: ServiceBroker): void {
	let warnAt = 0;
	const warn = (message: string) => {
		if (performance.now() < warnAt) return;
		warnAt = performance.now() + WARN_EVERY_MS;
		logger.warn({ reason: message.slice(0, 500) }, "Traces could not be sent");
	};
	const ignore = () => undefined;
	const handlers = { error: warn, warn, info: ignore, debug: ignore, verbose: ignore };
	diag.setLogger(handlers, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}
