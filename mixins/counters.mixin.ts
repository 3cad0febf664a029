import type { Service, ServiceBroker } from "moleculer";
import { registerCollector, registerCounter, registerGauges } from "../infrastructure/prometheus";
import type { Mixin } from "../schemas/kit/service";

export { renderMetrics } from "../infrastructure/prometheus";

/** A business counter: its name in Prometheus and the values that each of its labels can have. */
export type CounterDefinition = {
	readonly name: string;
	readonly description: string;
	readonly labels: Readonly<Record<string, readonly string[]>>;
};
type LabelsOf<D extends CounterDefinition> = {
	readonly [Label in keyof D["labels"]]: D["labels"][Label][number];
};
/** Adds one to the counter. */
export type Count<D extends CounterDefinition> = (labels: LabelsOf<D>) => void;

/**
 * `this.counters.<key>({ <label>: <value> })` counts in the metrics of this process. Every combination of label values
 * starts at 0, since Prometheus sees a rise only where there was a value before.
 */
export function countersMixin<const D extends Readonly<Record<string, CounterDefinition>>>(
	definitions: D
): Mixin<{ counters: { readonly [Key in keyof D]: Count<D[Key]> } }> {
	return {
		created(this: Service) {
			const counters = Object.entries(definitions).map(([key, { name, description, labels }]) => {
				const increase = registerCounter(this.broker, name, description, Object.keys(labels));
				for (const combination of combineLabels(labels)) increase(0, combination);
				return [key, (of: Record<string, string>) => increase(1, of)];
			});
			Object.assign(this, { counters: Object.fromEntries(counters) as object });
		}
	};
}

/** Shows a number that only grows, and that its owner counts by itself, as a counter. */
export function showCounter(
	broker: ServiceBroker,
	{ name, description }: Pick<CounterDefinition, "name" | "description">,
	read: () => number
): void {
	const increase = registerCounter(broker, name, description, []);
	let shown = 0;
	increase(0, {});
	registerCollector(broker, () => {
		const value = read();
		increase(value - shown, {});
		shown = value;
	});
}

/** Shows a number that its owner knows, whenever the metrics are read. */
export function showGauge(
	broker: ServiceBroker,
	{ name, description }: Pick<CounterDefinition, "name" | "description">,
	read: () => number
): void {
	const set = registerGauges(broker, { [name]: description });
	registerCollector(broker, () => set(name, read()));
}

function combineLabels(labels: CounterDefinition["labels"]): Record<string, string>[] {
	return Object.entries(labels).reduce<Record<string, string>[]>(
		(combinations, [label, values]) =>
			combinations.flatMap(others => values.map(value => ({ ...others, [label]: value }))),
		[{}]
	);
}
