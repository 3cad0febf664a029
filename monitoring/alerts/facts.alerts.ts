import { OUTBOX_DELAY } from "../../infrastructure/documents/documents.metrics";
import { DEAD_LETTERS, FACTS_OLDEST } from "../../infrastructure/facts/facts.metrics";
import { CHECK_DURATION, CHECK_ENDED, VIOLATIONS } from "../../invariants/invariants.metrics";
import { SWEEP_OVERDUE, SWEEPS } from "../../mixins/mixins.metrics";
import { API_METRICS } from "../../services/api/api.metrics";
import { SEARCH_METRICS } from "../../services/search/search.metrics";
import { WEBHOOK_METRICS } from "../../services/webhooks/webhooks.metrics";
import { series, type Alert } from "./alert";

const { attempts } = WEBHOOK_METRICS;

export const factAlerts: readonly Alert[] = [
	{
		name: "MallInvariantBroken",
		expression: `max by (namespace, invariant) (${VIOLATIONS.name}) > 0`,
		severity: "critical",
		summary: "{{ $labels.invariant }} of {{ $labels.namespace }} is broken {{ $value }} times",
		test: {
			series: { [series(VIOLATIONS, 'invariant="I2"')]: "0 0 3 3" },
			quietAt: "1m",
			firesAt: "2m",
			labels: { namespace: "mall", invariant: "I2" },
			summary: "I2 of mall is broken 3 times"
		}
	},
	{
		name: "MallInvariantsNotChecked",
		expression: `time() - max by (namespace) (${CHECK_ENDED.name}) > 600 + 20 * max by (namespace) (${CHECK_DURATION.name})`,
		severity: "warning",
		summary: "The invariants of {{ $labels.namespace }} are not checked any more",
		test: {
			series: { [series(CHECK_ENDED)]: "0x60", [series(CHECK_DURATION)]: "3x60" },
			quietAt: "10m",
			firesAt: "12m",
			labels: { namespace: "mall" },
			summary: "The invariants of mall are not checked any more"
		}
	},
	{
		name: "MallOutboxOld",
		expression: `max by (namespace) (${OUTBOX_DELAY.name}) > 60`,
		holds: "1m",
		severity: "critical",
		summary:
			"A fact of {{ $labels.namespace }} has waited for {{ $value | humanizeDuration }} to be published",
		test: {
			series: { [series(OUTBOX_DELAY)]: "0+60x10" },
			quietAt: "2m",
			firesAt: "3m",
			labels: { namespace: "mall" },
			summary: "A fact of mall has waited for 3m 0s to be published"
		}
	},
	{
		name: "MallFactsWait",
		expression: `max by (namespace, consumer) (${FACTS_OLDEST.name}) > 300`,
		holds: "1m",
		severity: "warning",
		summary:
			"{{ $labels.consumer }} of {{ $labels.namespace }} has not handled a fact for {{ $value | humanizeDuration }}",
		test: {
			series: { [series(FACTS_OLDEST, 'consumer="points"')]: "0+120x10" },
			quietAt: "2m",
			firesAt: "5m",
			labels: { namespace: "mall", consumer: "points" },
			summary: "points of mall has not handled a fact for 10m 0s"
		}
	},
	{
		name: "MallDeadLetters",
		expression: `max by (namespace) (${DEAD_LETTERS.name}) > 0`,
		severity: "warning",
		summary: "{{ $value }} facts of {{ $labels.namespace }} could not be handled",
		test: {
			series: { [series(DEAD_LETTERS)]: "0 0 2 2" },
			quietAt: "1m",
			firesAt: "2m",
			labels: { namespace: "mall" },
			summary: "2 facts of mall could not be handled"
		}
	},
	{
		name: "MallSweepLate",
		expression: `min by (namespace, service, sweep) (${SWEEP_OVERDUE.name}) > 120`,
		holds: "1m",
		severity: "warning",
		summary:
			"No process of {{ $labels.namespace }} has swept '{{ $labels.sweep }}' ({{ $labels.service }}) for {{ $value | humanizeDuration }}",
		test: {
			series: {
				[series(SWEEP_OVERDUE, 'service="orders",sweep="orders past a deadline"')]: "0+60x10"
			},
			quietAt: "2m",
			firesAt: "4m",
			labels: { namespace: "mall", service: "orders", sweep: "orders past a deadline" },
			summary: "No process of mall has swept 'orders past a deadline' (orders) for 4m 0s"
		}
	},
	{
		name: "MallSweepsFail",
		expression: `sum by (namespace, service, sweep) (increase(${SWEEPS.name}{outcome="failed"}[10m])) > 3`,
		severity: "warning",
		summary:
			"The sweep '{{ $labels.sweep }}' ({{ $labels.service }}) of {{ $labels.namespace }} keeps failing",
		test: {
			series: {
				[series(SWEEPS, 'service="orders",sweep="orders past a deadline",outcome="failed"')]:
					"0 0 0 1 2 4 6 8 10"
			},
			quietAt: "3m",
			firesAt: "8m",
			labels: { namespace: "mall", service: "orders", sweep: "orders past a deadline" },
			summary: "The sweep 'orders past a deadline' (orders) of mall keeps failing"
		}
	},
	{
		name: "MallSearchBehind",
		expression: `max by (namespace, instance) (${SEARCH_METRICS.behind.name}) > 1000`,
		holds: "5m",
		severity: "warning",
		summary:
			"The search index of {{ $labels.instance }} in {{ $labels.namespace }} is {{ $value }} facts behind",
		test: {
			series: { [series(SEARCH_METRICS.behind, 'instance="catalogue:9464"')]: "2000x20" },
			quietAt: "4m",
			firesAt: "5m",
			labels: { namespace: "mall", instance: "catalogue:9464" },
			summary: "The search index of catalogue:9464 in mall is 2000 facts behind"
		}
	},
	{
		name: "MallWebhooksFail",
		expression: `sum by (namespace) (increase(${attempts.name}{outcome!="delivered"}[30m])) > 0.5 * sum by (namespace) (increase(${attempts.name}[30m]))`,
		holds: "10m",
		severity: "warning",
		summary: "Most deliveries of {{ $labels.namespace }} to webhooks fail",
		test: {
			series: {
				[series(attempts, 'outcome="delivered"')]: "0+1x60",
				[series(attempts, 'outcome="failed"')]: "0+4x60"
			},
			quietAt: "9m",
			firesAt: "15m",
			labels: { namespace: "mall" },
			summary: "Most deliveries of mall to webhooks fail"
		}
	},
	{
		name: "MallLiveEventsLag",
		expression: `max by (namespace) (${API_METRICS.streamsBehind.name}) > 1000`,
		holds: "5m",
		severity: "warning",
		summary: "Live events of {{ $labels.namespace }} lag {{ $value }} facts behind",
		test: {
			series: { [series(API_METRICS.streamsBehind)]: "5000x20" },
			quietAt: "4m",
			firesAt: "5m",
			labels: { namespace: "mall" },
			summary: "Live events of mall lag 5000 facts behind"
		}
	}
];
