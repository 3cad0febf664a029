/** An alert, and the test that promtool makes of it. */
export type Alert = {
	readonly name: `Mall${string}`;
	readonly expression: string;
	/** How long the expression must hold, such as `5m`; at once without. */
	readonly holds?: string;
	/** `critical`: wake somebody up; `warning`: look at it within a working day. */
	readonly severity: "critical" | "warning";
	/** What is wrong, in Prometheus' template language. */
	readonly summary: string;
	readonly test: {
		/** Samples a minute apart by series, in promtool's notation. */
		readonly series: Readonly<Record<string, string>>;
		/** A time at which the alert does not fire yet, and one at which it does, such as `4m` and `6m`. */
		readonly quietAt: string;
		readonly firesAt: string;
		/** Labels of the alert beside its severity, and its summary then. */
		readonly labels: Readonly<Record<string, string>>;
		readonly summary: string;
	};
};

/** A series of the shop `mall` in promtool's notation. */
export const series = (metric: { readonly name: string } | string, labels = "", suffix = ""): string =>
	`${typeof metric === "string" ? metric : metric.name}${suffix}{namespace="mall"${labels && `,${labels}`}}`;
