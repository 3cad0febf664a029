/** A label whose values are not listed here, yet are few and the same after a restart: routes, services, sweeps. */
export const OPEN = "open";

/** The labels of a metric with the values that each can have. */
export type Labels = Readonly<Record<string, readonly string[] | typeof OPEN>>;

/** A metric: its name in Prometheus, what it says, and its labels. A name is defined once, beside what counts it. */
export type MetricDefinition<L extends Labels = Labels, T extends MetricType = MetricType> = MetricText & {
	readonly type: T;
	readonly labels: L;
	/** Upper bounds of a histogram's buckets. */
	readonly buckets?: readonly number[];
};
export type MetricType = "counter" | "gauge" | "histogram";
type MetricText = { readonly name: `${string}_${string}`; readonly description: string };
type None = Readonly<Record<never, never>>;

/** Values for all labels of a metric. */
export type LabelsOf<D extends MetricDefinition> = {
	readonly [Label in keyof D["labels"]]: D["labels"][Label] extends readonly (infer Value)[]
		? Value
		: string;
};

/** A number that only grows; by Prometheus' custom its name ends in `_total`. */
export const counter = <const L extends Labels = None>(
	text: MetricText & { readonly labels?: L }
): MetricDefinition<L, "counter"> => ({ labels: {} as L, ...text, type: "counter" });

/** A number that rises and falls. */
export const gauge = <const L extends Labels = None>(
	text: MetricText & { readonly labels?: L }
): MetricDefinition<L, "gauge"> => ({ labels: {} as L, ...text, type: "gauge" });

/** A distribution, mostly of durations in seconds. */
export const histogram = <const L extends Labels = None>(
	text: MetricText & { readonly labels?: L; readonly buckets: readonly number[] }
): MetricDefinition<L, "histogram"> => ({ labels: {} as L, ...text, type: "histogram" });
