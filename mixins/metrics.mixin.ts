import type { Service, ServiceBroker } from "moleculer";
import { observeStoredFacts } from "../infrastructure/facts/stored-facts";
import { openCounter, openGauge, openHistogram } from "../infrastructure/prometheus";
import type { PayloadOf } from "../schemas/kit/contract";
import type { LabelsOf, MetricDefinition } from "../schemas/kit/metric";
import type { Mixin } from "../schemas/kit/service";
import type { events } from "../schemas/registry";

export { renderMetrics, showCounter, showGauge } from "../infrastructure/prometheus";

/** Adds to a counter, 1 by default, or an observation to a histogram. */
export type Measure<D extends MetricDefinition> =
	D extends MetricDefinition<D["labels"], "counter">
		? (labels: LabelsOf<D>, by?: number) => void
		: (value: number, labels: LabelsOf<D>) => void;
type Definitions = Readonly<Record<string, MetricDefinition>>;
/** What `this.metrics` of a service has: a function for each of its metrics. */
export type Metrics<D extends Definitions> = { readonly [Key in keyof D]: Measure<D[Key]> };

/** Counts facts of a service, by their names. */
export type FactCounts<D extends Definitions> = {
	readonly [Name in keyof typeof events]?: (
		metrics: Metrics<D>,
		payload: PayloadOf<(typeof events)[Name]>
	) => void;
};

/**
 * `this.metrics.<key>(…)` counts or observes in the metrics of this process. What `factCounts` says is counted when the service
 * has stored such a fact: each once, where the guarded write succeeded, and never again when the fact is delivered or repeated.
 */
export function metricsMixin<const D extends Definitions>(
	definitions: D,
	factCounts: FactCounts<NoInfer<D>> = {}
): Mixin<{ metrics: Metrics<D> }> {
	return {
		created(this: Service) {
			const metrics = openMetrics(this.broker, definitions);
			Object.assign(this, { metrics });
			const counts = factCounts as Record<string, (metrics: Metrics<D>, payload: object) => void>;
			observeStoredFacts(this, ({ event, payload }) => counts[event]?.(metrics, payload));
		}
	};
}

/** A function for each of the metrics, for parts of a service that are no mixin. */
export const openMetrics = <D extends Definitions>(broker: ServiceBroker, definitions: D): Metrics<D> =>
	Object.fromEntries(
		Object.entries(definitions).map(([key, definition]) => [key, openMetric(broker, definition)])
	) as Metrics<D>;

const openMetric = (broker: ServiceBroker, definition: MetricDefinition): unknown => {
	const open = { counter: openCounter, gauge: openGauge, histogram: openHistogram }[definition.type];
	return (open as (broker: ServiceBroker, definition: MetricDefinition) => unknown)(broker, definition);
};
