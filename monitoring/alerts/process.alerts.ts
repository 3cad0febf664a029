import { DATABASE_BYTES, DISK_BYTES, EVENT_LOOP } from "../../middlewares/process.metrics";
import { series, type Alert } from "./alert";

const GIB = 2 ** 30;

export const processAlerts: readonly Alert[] = [
	{
		name: "MallProcessDown",
		expression: 'up{job="zjmall"} == 0',
		holds: "1m",
		severity: "critical",
		summary: "{{ $labels.instance }} does not answer the scraper",
		test: {
			series: { 'up{job="zjmall",instance="trade:9464"}': "1 1 0x10" },
			quietAt: "2m",
			firesAt: "4m",
			labels: { job: "zjmall", instance: "trade:9464" },
			summary: "trade:9464 does not answer the scraper"
		}
	},
	{
		name: "MallMetricsMissing",
		expression: 'absent(up{job="zjmall"})',
		holds: "5m",
		severity: "critical",
		summary: "Nothing of the shop is scraped",
		test: {
			series: { 'up{job="others"}': "1x20" },
			quietAt: "4m",
			firesAt: "6m",
			labels: { job: "zjmall" },
			summary: "Nothing of the shop is scraped"
		}
	},
	{
		name: "MallEventLoopBlocked",
		expression: `avg_over_time(${EVENT_LOOP.p99.name}[5m]) > 0.5`,
		holds: "5m",
		severity: "warning",
		summary:
			"Work holds up {{ $labels.instance }} of {{ $labels.namespace }} for {{ $value | humanizeDuration }}",
		test: {
			series: { [series(EVENT_LOOP.p99, 'instance="api:9464"')]: "1x20" },
			quietAt: "4m",
			firesAt: "6m",
			labels: { namespace: "mall", instance: "api:9464" },
			summary: "Work holds up api:9464 of mall for 1s"
		}
	},
	{
		name: "MallDiskNearlyFull",
		expression: `min by (namespace, instance) (${DISK_BYTES.name}{state="free"}) < ${GIB}`,
		holds: "1m",
		severity: "critical",
		summary:
			"The disk of {{ $labels.instance }} in {{ $labels.namespace }} has {{ $value | humanize1024 }}B left",
		test: {
			series: {
				[series(DISK_BYTES, 'instance="shop:9464",state="free"')]: `${2 * GIB} ${GIB / 2}x10`
			},
			quietAt: "1m",
			firesAt: "3m",
			labels: { namespace: "mall", instance: "shop:9464" },
			summary: "The disk of shop:9464 in mall has 512MiB left"
		}
	},
	{
		name: "MallDiskFillsUp",
		expression: `predict_linear(${DISK_BYTES.name}{state="free"}[6h], 86400) < 0 and ignoring (state) ${DISK_BYTES.name}{state="free"} < ignoring (state) 0.2 * ${DISK_BYTES.name}{state="size"}`,
		holds: "30m",
		severity: "warning",
		summary: "The disk of {{ $labels.instance }} in {{ $labels.namespace }} will be full within a day",
		test: {
			series: {
				[series(DISK_BYTES, 'instance="shop:9464",state="free"')]: `${18 * GIB}-${GIB / 32}x300`,
				[series(DISK_BYTES, 'instance="shop:9464",state="size"')]: `${100 * GIB}x300`
			},
			quietAt: "10m",
			firesAt: "2h",
			labels: { namespace: "mall", instance: "shop:9464", state: "free" },
			summary: "The disk of shop:9464 in mall will be full within a day"
		}
	},
	{
		name: "MallWalGrows",
		expression: `min_over_time(${DATABASE_BYTES.name}{file="wal"}[15m]) > ${GIB / 2}`,
		severity: "warning",
		summary:
			"The write-ahead log of {{ $labels.instance }} in {{ $labels.namespace }} has grown to {{ $value | humanize1024 }}B",
		test: {
			series: { [series(DATABASE_BYTES, 'instance="shop:9464",file="wal"')]: `0 0 ${GIB}x30` },
			quietAt: "5m",
			firesAt: "20m",
			labels: { namespace: "mall", instance: "shop:9464", file: "wal" },
			summary: "The write-ahead log of shop:9464 in mall has grown to 1GiB"
		}
	}
];
