import type { ServiceBroker } from "moleculer";

/** Upper bounds of the buckets, in milliseconds. */
const BUCKETS_MS = [1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];

export type CallLabels = {
	readonly namespace: string;
	readonly service: string;
	readonly action: string;
	readonly type: "local" | "remote";
	readonly caller: string;
};
type ErrorLabels = {
	readonly errorName: string;
	readonly errorCode: string | number;
	readonly errorType: string;
};

/** Counts the calls of one action by one caller. */
class CallSeries {
	private begun = 0;
	private ended = 0;
	private sumMs = 0;
	/** Calls whose duration fits into the bucket and into none before it. */
	private readonly buckets = BUCKETS_MS.map(() => 0);
	private readonly errors = new Map<string, { readonly labels: ErrorLabels; count: number }>();

	constructor(private readonly labels: CallLabels) {}

	/** Makes a call and counts it. Settles as the call does. */
	count<R>(call: () => Promise<R>): Promise<R> {
		this.begun++;
		const startedAt = performance.now();
		return call().then(
			answer => {
				this.end(performance.now() - startedAt);
				return answer;
			},
			(err: unknown) => {
				this.end(performance.now() - startedAt);
				this.countError(err);
				throw err;
			}
		);
	}

	renderTotal(): string[] {
		return [formatLine("moleculer_request_total", this.labels, this.begun)];
	}

	renderErrors(): string[] {
		return [...this.errors.values()].map(({ labels, count }) =>
			formatLine("moleculer_request_error_total", { ...this.labels, ...labels }, count)
		);
	}

	renderTimes(): string[] {
		const name = "moleculer_request_time";
		let count = 0;
		const buckets = this.buckets.map((n, i) =>
			formatLine(`${name}_bucket`, { ...this.labels, le: BUCKETS_MS[i] ?? 0 }, (count += n))
		);
		return [
			...buckets,
			formatLine(`${name}_bucket`, { ...this.labels, le: "+Inf" }, this.ended),
			formatLine(`${name}_sum`, this.labels, this.sumMs),
			formatLine(`${name}_count`, this.labels, this.ended)
		];
	}

	private end(ms: number): void {
		this.ended++;
		this.sumMs += ms;
		for (let i = 0; i < BUCKETS_MS.length; i++)
			if (ms <= (BUCKETS_MS[i] ?? 0)) {
				this.buckets[i] = (this.buckets[i] ?? 0) + 1;
				return;
			}
	}

	private countError(err: unknown): void {
		const { name = "", code = "", type = "" } = err instanceof Error ? (err as Partial<CodedError>) : {};
		const key = `${name} ${code} ${type}`;
		const known = this.errors.get(key);
		if (known) known.count++;
		else
			this.errors.set(key, {
				labels: { errorName: name, errorCode: code, errorType: type },
				count: 1
			});
	}
}
type CodedError = Error & { readonly code: string | number; readonly type: string };

/**
 * Counts and times calls, by action and caller, under the names of Moleculer's own metrics. Those would cost most of what a call
 * within a process costs, and 18 MiB, since they hash the labels of each call and keep quantiles.
 */
export class CallMetrics {
	private readonly all: CallSeries[] = [];

	constructor(private readonly namespace: string) {}

	/** Counts the calls of an action: the returned function makes one for this caller, and counts it. */
	openAction(labels: Omit<CallLabels, "caller" | "namespace">) {
		const byCaller = new Map<string, CallSeries>();
		return <R>(caller: string, call: () => Promise<R>): Promise<R> => {
			let series = byCaller.get(caller);
			if (!series) {
				series = new CallSeries({ namespace: this.namespace, ...labels, caller });
				byCaller.set(caller, series);
				this.all.push(series);
			}
			return series.count(call);
		};
	}

	/** The metrics in Prometheus' text format. */
	render(): string {
		const families: [string, string, string, (series: CallSeries) => string[]][] = [
			["moleculer_request_total", "counter", "Calls of actions", one => one.renderTotal()],
			[
				"moleculer_request_error_total",
				"counter",
				"Calls of actions that were rejected",
				one => one.renderErrors()
			],
			[
				"moleculer_request_time",
				"histogram",
				"Milliseconds that calls of actions took",
				one => one.renderTimes()
			]
		];
		return families
			.flatMap(([name, type, help, renderSeries]) => [
				`# HELP ${name} ${help}`,
				`# TYPE ${name} ${type}`,
				...this.all.flatMap(renderSeries)
			])
			.join("\n");
	}
}

const formatLine = (name: string, labels: Readonly<Record<string, string | number>>, value: number) =>
	`${name}{${Object.entries(labels)
		.map(([label, text]) => `${label}="${escapeLabel(String(text))}"`)
		.join(",")}} ${value}`;

const escapeLabel = (text: string) =>
	text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

const callMetrics = new WeakMap<ServiceBroker, CallMetrics>();

/** The metrics of the calls that this broker's process makes and handles. */
export function callMetricsOf(broker: ServiceBroker): CallMetrics {
	const found = callMetrics.get(broker) ?? new CallMetrics(broker.namespace);
	callMetrics.set(broker, found);
	return found;
}
