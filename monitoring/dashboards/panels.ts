import { PanelBuilder as BarGauge } from "@grafana/grafana-foundation-sdk/bargauge";
import {
	DashboardBuilder,
	DatasourceVariableBuilder,
	QueryVariableBuilder,
	RowBuilder,
	type Dashboard
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as Stat } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeSeries } from "@grafana/grafana-foundation-sdk/timeseries";

/** A metric by its definition, or by name where it is not the shop's own. */
type Metric = string | { readonly name: string };
/** A PromQL expression and what its lines are called. */
export type Query = readonly [expression: string, legend: string];
/** A panel: its queries share a unit, by Grafana's ids of units. */
export type Panel = {
	readonly title: string;
	readonly about?: string;
	readonly unit: string;
	readonly kind?: "lines" | "stat" | "bars";
	readonly queries: readonly Query[];
};
export type Row = { readonly title: string; readonly panels: readonly Panel[] };
export type DashboardDefinition = {
	readonly uid: string;
	readonly title: string;
	readonly rows: readonly Row[];
};

/** The metric of the namespace that is chosen on the dashboard. */
export const select = (metric: Metric, filter = "", suffix = ""): string => {
	const name = typeof metric === "string" ? metric : metric.name;
	return `${name}${suffix}{namespace="$namespace"${filter && `,${filter}`}}`;
};
/** How fast a counter rises, summed over all processes, for each value of the labels `by`. */
export const sumRate = (metric: Metric, by = "", filter = ""): string =>
	`${sumBy(by)}(rate(${select(metric, filter)}[$__rate_interval]))`;
/** How much a counter rose within a day, summed over all processes. */
export const sumOfDay = (metric: Metric, filter = "", by = ""): string =>
	`${sumBy(by)}(increase(${select(metric, filter)}[24h]))`;
/** A quantile of a histogram over all processes. */
export const quantile = (q: number, metric: Metric, by = "", filter = ""): string =>
	`histogram_quantile(${q}, ${sumBy(by ? `le, ${by}` : "le")}(rate(${select(metric, filter, "_bucket")}[$__rate_interval])))`;
/** The usual three quantiles as queries of a panel. */
export const quantiles = (metric: Metric, filter = ""): Query[] =>
	[0.5, 0.95, 0.99].map(q => [quantile(q, metric, "", filter), `p${q * 100}`]);
const sumBy = (labels: string) => (labels ? `sum by (${labels}) ` : "sum ");

const SOURCE = { type: "prometheus", uid: "${source}" };
const HEIGHT = 8;
const BUILDERS = { lines: TimeSeries, stat: Stat, bars: BarGauge };
/** Columns of the 24 that a panel takes. */
const SPANS = { lines: 8, stat: 4, bars: 8 };

function buildPanel({ title, about, unit, kind = "lines", queries }: Panel) {
	const panel = new BUILDERS[kind]().title(title).unit(unit).datasource(SOURCE).height(HEIGHT);
	if (about !== undefined) panel.description(about);
	if (kind !== "lines") panel.height(kind === "stat" ? HEIGHT / 2 : HEIGHT);
	for (const [index, [expression, legend]] of queries.entries()) {
		const query = new DataqueryBuilder().refId(String.fromCharCode(65 + index)).expr(expression);
		if (kind === "lines") query.range();
		else query.instant();
		panel.withTarget(query.legendFormat(legend));
	}
	return panel.span(SPANS[kind]);
}

/* eslint-disable @typescript-eslint/no-deprecated -- the classic model, which every Grafana provisions from files */
/** The dashboard as Grafana imports it. */
export function buildDashboard({ uid, title, rows }: DashboardDefinition): Dashboard {
	const dashboard = new DashboardBuilder(title)
		.uid(uid)
		.tags(["zjmall"])
		.readonly()
		.refresh("30s")
		.time({ from: "now-3h", to: "now" })
		.withVariable(new DatasourceVariableBuilder("source").label("Prometheus").type("prometheus"))
		.withVariable(
			new QueryVariableBuilder("namespace")
				.label("Namespace")
				.datasource(SOURCE)
				.query("label_values(mall_order_changes_total, namespace)")
		);
	for (const row of rows) {
		dashboard.withRow(new RowBuilder(row.title));
		for (const panel of row.panels) dashboard.withPanel(buildPanel(panel));
	}
	return dashboard.build();
}
