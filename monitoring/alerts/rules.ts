import { stringify } from "yaml";
import type { Alert } from "./alert";
import { factAlerts } from "./facts.alerts";
import { listRecordings, objectiveAlerts } from "./objectives";
import { processAlerts } from "./process.alerts";
import { shopAlerts } from "./shop.alerts";

export const ALERTS: readonly Alert[] = [...objectiveAlerts, ...shopAlerts, ...factAlerts, ...processAlerts];

const HEADER = "# Written by `npm run dashboards` from monitoring/alerts. Don't edit it here.\n";
const FORMAT = { lineWidth: 0, indent: 4 } as const;

const toRunBook = (name: string) => `docs/run-books.md#${name.toLowerCase()}`;

/** Prometheus' rules: the recorded shares of bad requests, and every alert with its chapter of the run-books. */
export const formatRules = (): string =>
	HEADER +
	stringify(
		{
			groups: [
				{ name: "zjmall objectives", interval: "30s", rules: listRecordings() },
				{
					name: "zjmall alerts",
					rules: ALERTS.map(({ name, expression, holds, severity, summary }) => ({
						alert: name,
						expr: expression,
						...(holds && { for: holds }),
						labels: { severity },
						annotations: { summary, description: toRunBook(name) }
					}))
				}
			]
		},
		FORMAT
	);

/** The tests of all alerts for `promtool test rules`, which reads the rules beside them. */
export const formatRuleTests = (): string =>
	HEADER +
	stringify(
		{
			rule_files: ["alerts.yml"],
			evaluation_interval: "1m",
			tests: ALERTS.map(({ name, severity, test }) => ({
				name,
				interval: "1m",
				input_series: Object.entries(test.series).map(([series, values]) => ({ series, values })),
				alert_rule_test: [
					{ eval_time: test.quietAt, alertname: name, exp_alerts: [] },
					{
						eval_time: test.firesAt,
						alertname: name,
						exp_alerts: [
							{
								exp_labels: { severity, ...test.labels },
								exp_annotations: { summary: test.summary, description: toRunBook(name) }
							}
						]
					}
				]
			}))
		},
		{ ...FORMAT, aliasDuplicateObjects: false }
	);
