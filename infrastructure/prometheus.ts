import type { ServiceBroker } from "moleculer";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { OPEN, type LabelsOf, type MetricDefinition, type Labels } from "../schemas/kit/metric";
import { settings } from "../settings";
import { callMetricsOf } from "./call-metrics";

type Collect = () => void | Promise<void>;
type OwnMetrics = { readonly registry: Registry; readonly collectors: Collect[] };
const metricsOf = new WeakMap<ServiceBroker, OwnMetrics>();

/** The shop's own metrics of this broker. */
function getOwnMetrics(broker: ServiceBroker): OwnMetrics {
	const known = metricsOf.get(broker);
	if (known) return known;
	const registry = new Registry();
	registry.setDefaultLabels({ namespace: broker.namespace });
	const own = { registry, collectors: [] };
	metricsOf.set(broker, own);
	return own;
}

/**
 * Has the function set its metrics each time before they are rendered, so that they cost nothing in between. Rendering waits
 * for it two seconds at most; what it has not set by then keeps its last value.
 */
export function registerCollector(broker: ServiceBroker, collect: Collect): void {
	getOwnMetrics(broker).collectors.push(collect);
}

const COLLECT_MS = 2_000;

/** The process's metrics in Prometheus' text format; empty with METRICS=off. */
export async function renderMetrics(broker: ServiceBroker): Promise<string> {
	if (!settings.metrics) return "";
	const { registry, collectors } = getOwnMetrics(broker);
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise(resolve => (timer = setTimeout(resolve, COLLECT_MS).unref()));
	const collected = collectors.map(async collect => {
		try {
			await collect();
		} catch (err) {
			broker.logger.debug({ err }, "A figure can't be read now");
		}
	});
	await Promise.race([Promise.all(collected), late]);
	clearTimeout(timer);
	return `${callMetricsOf(broker).render()}\n${await registry.metrics()}`;
}

/** Opens a counter; the returned function adds to it, 1 by default. */
export function openCounter<L extends Labels>(
	broker: ServiceBroker,
	definition: MetricDefinition<L, "counter">
): (labels: LabelsOf<MetricDefinition<L>>, by?: number) => void {
	if (!settings.metrics) return () => undefined;
	const counter = open(broker, definition, options => {
		const created = new Counter(options);
		for (const labels of listCombinations(definition.labels)) created.inc(labels, 0);
		return created;
	});
	return (labels, by = 1) => counter.inc(labels as LabelValues, by);
}

/** Opens a gauge; the returned function sets it. */
export function openGauge<L extends Labels>(
	broker: ServiceBroker,
	definition: MetricDefinition<L, "gauge">
): (value: number, labels: LabelsOf<MetricDefinition<L>>) => void {
	if (!settings.metrics) return () => undefined;
	const gauge = open(broker, definition, options => new Gauge(options));
	return (value, labels) => gauge.set(labels as LabelValues, value);
}

/** Opens a histogram; the returned function adds an observation. */
export function openHistogram<L extends Labels>(
	broker: ServiceBroker,
	definition: MetricDefinition<L, "histogram">
): (value: number, labels: LabelsOf<MetricDefinition<L>>) => void {
	if (!settings.metrics) return () => undefined;
	const buckets = [...(definition.buckets ?? [])];
	const histogram = open(broker, definition, options => {
		const created = new Histogram({ ...options, buckets });
		for (const labels of listCombinations(definition.labels)) created.zero(labels);
		return created;
	});
	return (value, labels) => histogram.observe(labels as LabelValues, value);
}

/** Shows a number that only grows, and that its owner counts by itself, as a counter. */
export function showCounter<L extends Labels>(
	broker: ServiceBroker,
	definition: MetricDefinition<L, "counter">,
	labels: LabelsOf<MetricDefinition<L>>,
	read: () => number
): void {
	const increase = openCounter(broker, definition);
	let shown = 0;
	registerCollector(broker, () => {
		const value = read();
		increase(labels, value - shown);
		shown = value;
	});
}

/** Shows a number that its owner knows, whenever the metrics are read. */
export function showGauge<L extends Labels>(
	broker: ServiceBroker,
	definition: MetricDefinition<L, "gauge">,
	labels: LabelsOf<MetricDefinition<L>>,
	read: () => number
): void {
	const set = openGauge(broker, definition);
	registerCollector(broker, () => set(read(), labels));
}

type LabelValues = Record<string, string>;
type MetricOptions = { name: string; help: string; labelNames: string[]; registers: Registry[] };

/** The metric of the broker's registry, made by its first owner: several services of a process may share one. */
function open<M>(
	broker: ServiceBroker,
	{ name, description, labels }: MetricDefinition,
	create: (options: MetricOptions) => M
): M {
	const { registry } = getOwnMetrics(broker);
	const known = registry.getSingleMetric(name) as M | undefined;
	return (
		known ?? create({ name, help: description, labelNames: Object.keys(labels), registers: [registry] })
	);
}

/**
 * All combinations of label values, so that each begins at 0: Prometheus sees a rise only where there was a value before. None
 * where a label is open.
 */
function listCombinations(labels: Labels): Record<string, string>[] {
	return Object.entries(labels).reduce<Record<string, string>[]>(
		(combinations, [label, values]) =>
			values === OPEN
				? []
				: combinations.flatMap(others => values.map(value => ({ ...others, [label]: value }))),
		[{}]
	);
}
