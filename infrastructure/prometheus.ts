import { MetricReporters, type ServiceBroker } from "moleculer";

/** Moleculer's Prometheus reporter without its own listener, which takes all addresses of port 3030. */
class InlinePrometheus extends MetricReporters.Prometheus {
	override init(registry: Parameters<MetricReporters.Prometheus["init"]>[0]): void {
		MetricReporters.Base.prototype.init.call(this, registry);
		Object.assign(this, {
			defaultLabels: { nodeID: registry.broker.nodeID, namespace: registry.broker.namespace }
		});
	}
	override async stop(): Promise<void> {}
}

export const createInlinePrometheus = (): MetricReporters.Prometheus => new InlinePrometheus();

/** Functions that set metrics whenever they are rendered. */
const collectorsOf = new WeakMap<ServiceBroker, (() => void)[]>();

/** Has the function set its metrics each time before they are rendered, so that they cost nothing in between. */
export function registerCollector(broker: ServiceBroker, collect: () => void): void {
	collectorsOf.set(broker, [...(collectorsOf.get(broker) ?? []), collect]);
}

/** The node's metrics in Prometheus' text format; empty with METRICS=off. */
export function renderMetrics(broker: ServiceBroker): string {
	for (const collect of collectorsOf.get(broker) ?? []) collect();
	const reporters = broker.isMetricsEnabled() ? broker.metrics.reporter : [];
	const found = reporters.find(r => r instanceof InlinePrometheus);
	return found instanceof InlinePrometheus ? found.generatePrometheusResponse() : "";
}

/** Registers gauges by name and description; the returned function sets one of them. */
export function registerGauges<Name extends string>(
	broker: ServiceBroker,
	descriptions: Readonly<Record<Name, string>>,
	labelNames: string[] = []
): (name: Name, value: number, labels?: Readonly<Record<string, string>>) => void {
	if (!broker.isMetricsEnabled()) return () => undefined;
	for (const [name, description] of Object.entries<string>(descriptions))
		broker.metrics.register({ type: "gauge", name, description, labelNames });
	return (name, value, labels) => broker.metrics.set(name, value, labels);
}

/** Registers a counter; the returned function adds to it. */
export function registerCounter(
	broker: ServiceBroker,
	name: string,
	description: string,
	labelNames: string[]
): (increase: number, labels: Readonly<Record<string, string>>) => void {
	if (!broker.isMetricsEnabled()) return () => undefined;
	broker.metrics.register({ type: "counter", name, description, labelNames });
	return (increase, labels) => broker.metrics.increment(name, labels, increase);
}
