import { OUTBOX_DELAY } from "../../infrastructure/documents/documents.metrics";
import {
	DEAD_LETTERS,
	FACT_DELAY,
	FACTS_HANDLED,
	FACTS_OLDEST,
	FACTS_PENDING
} from "../../infrastructure/facts/facts.metrics";
import { CHECK_DURATION, CHECK_ENDED, VIOLATIONS } from "../../invariants/invariants.metrics";
import { SWEEP_OVERDUE, SWEEPS } from "../../mixins/mixins.metrics";
import { SEARCH_METRICS } from "../../services/search/search.metrics";
import { WEBHOOK_METRICS } from "../../services/webhooks/webhooks.metrics";
import { quantiles, select, sumRate, type DashboardDefinition } from "./panels";

export const facts: DashboardDefinition = {
	uid: "zjmall-facts",
	title: "zjMall: facts and sweeps",
	rows: [
		{
			title: "Facts",
			panels: [
				{
					title: "Facts to be handled, by consumer",
					unit: "short",
					queries: [[`max by (consumer) (${select(FACTS_PENDING)})`, "{{consumer}}"]]
				},
				{
					title: "Age of the oldest of them",
					unit: "s",
					queries: [[`max by (consumer) (${select(FACTS_OLDEST)})`, "{{consumer}}"]]
				},
				{
					title: "Oldest fact in an outbox",
					unit: "s",
					queries: [[`max(${select(OUTBOX_DELAY)})`, "age"]]
				},
				{
					title: "Handled a second, by consumer",
					unit: "short",
					queries: [[sumRate(FACTS_HANDLED, "consumer", 'outcome="handled"'), "{{consumer}}"]]
				},
				{
					title: "Failed attempts a minute, by consumer",
					unit: "short",
					queries: [
						[`60 * ${sumRate(FACTS_HANDLED, "consumer", 'outcome="failed"')}`, "{{consumer}}"]
					]
				},
				{ title: "Delay of facts", unit: "s", queries: quantiles(FACT_DELAY) },
				{
					title: "Dead letters",
					unit: "short",
					queries: [[`max(${select(DEAD_LETTERS)})`, "dead letters"]]
				},
				{
					title: "Facts that the search index has not applied",
					unit: "short",
					queries: [[select(SEARCH_METRICS.behind), "{{instance}}"]]
				},
				{
					title: "Deliveries to webhooks a minute",
					unit: "short",
					queries: [[`60 * ${sumRate(WEBHOOK_METRICS.attempts, "outcome")}`, "{{outcome}}"]]
				}
			]
		},
		{
			title: "Sweeps",
			panels: [
				{
					title: "Sweeps that are overdue",
					unit: "s",
					queries: [
						[
							`topk(10, max by (service, sweep) (${select(SWEEP_OVERDUE)}))`,
							"{{service}}: {{sweep}}"
						]
					]
				},
				{
					title: "Failed runs a minute",
					unit: "short",
					queries: [
						[
							`60 * ${sumRate(SWEEPS, "service, sweep", 'outcome="failed"')}`,
							"{{service}}: {{sweep}}"
						]
					]
				}
			]
		},
		{
			title: "Invariants",
			panels: [
				{
					title: "Violations",
					unit: "short",
					queries: [[`max by (invariant) (${select(VIOLATIONS)})`, "{{invariant}}"]]
				},
				{
					title: "Time since the last check",
					unit: "s",
					queries: [[`time() - max(${select(CHECK_ENDED)})`, "age"]]
				},
				{
					title: "Duration of a check",
					unit: "s",
					queries: [[`max(${select(CHECK_DURATION)})`, "duration"]]
				}
			]
		}
	]
};
