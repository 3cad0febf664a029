import { MetricReporters, type ServiceBroker } from "moleculer";

/** Moleculer's Prometheus texts without its own listener: the gateway serves them at `/metrics`. */
class InlinePrometheus extends MetricReporters.Prometheus {
	override init(registry: Parameters<MetricReporters.Prometheus["init"]>[0]): void {
		MetricReporters.Base.prototype.init.call(this, registry);
		Object.assign(this, {
			defaultLabels: { nodeID: registry.broker.nodeID, namespace: registry.broker.namespace }
		});
	}
	override async stop(): Promise<void> {}
}

export const inlinePrometheus = (): MetricReporters.Prometheus => new InlinePrometheus();

/** The node's metrics in Prometheus' text format; empty when metrics are off. */
export function renderMetrics(broker: ServiceBroker): string {
	const reporters = broker.isMetricsEnabled() ? broker.metrics.reporter : [];
	const found = reporters.find(r => r instanceof InlinePrometheus);
	return found instanceof InlinePrometheus ? found.generatePrometheusResponse() : "";
}

/** Makes gauges of the business known, each with what it tells; the answer sets one of them. */
export function registerGauges<Name extends string>(
	broker: ServiceBroker,
	told: Readonly<Record<Name, string>>,
	labelNames: string[] = []
): (name: Name, value: number, labels?: Readonly<Record<string, string>>) => void {
	if (!broker.isMetricsEnabled()) return () => undefined;
	for (const [name, description] of Object.entries<string>(told))
		broker.metrics.register({ type: "gauge", name, description, labelNames });
	return (name, value, labels) => broker.metrics.set(name, value, labels);
}

/** Makes a counter of the business known; the answer adds to it. */
export function registerCounter(
	broker: ServiceBroker,
	name: string,
	description: string,
	labelNames: string[]
): (more: number, labels: Readonly<Record<string, string>>) => void {
	if (!broker.isMetricsEnabled()) return () => undefined;
	broker.metrics.register({ type: "counter", name, description, labelNames });
	return (more, labels) => broker.metrics.increment(name, labels, more);
}
