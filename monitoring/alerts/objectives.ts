import { API_METRICS } from "../../services/api/api.metrics";
import { series, type Alert } from "./alert";

const { duration, responses } = API_METRICS;

/** Requests of clients, without those of balancers and scrapers. */
const OF_CLIENTS = 'route!~"GET /(health/.*|metrics)"';
const WINDOWS = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"] as const;
type Window = (typeof WINDOWS)[number];

/** A service level objective: the share of requests of 30 days that may be bad. */
type Objective = {
	readonly name: "Availability" | "Latency";
	readonly budget: number;
	/** The recorded share of bad requests in a window. */
	readonly ratio: string;
	readonly bad: (window: Window) => string;
	readonly all: (window: Window) => string;
	readonly what: string;
};

const sum = (selector: string, window: Window) => `sum by (namespace) (rate(${selector}[${window}]))`;
const OBJECTIVES: readonly Objective[] = [
	{
		name: "Availability",
		budget: 0.001,
		ratio: "mall:http_failed:ratio_rate",
		bad: window => sum(`${responses.name}{${OF_CLIENTS},status=~"5.."}`, window),
		all: window => sum(`${responses.name}{${OF_CLIENTS}}`, window),
		what: "of the requests fail"
	},
	{
		name: "Latency",
		budget: 0.01,
		ratio: "mall:http_slow:ratio_rate",
		bad: window =>
			`(${sum(`${duration.name}_count{${OF_CLIENTS}}`, window)} - ${sum(`${duration.name}_bucket{${OF_CLIENTS},le="0.5"}`, window)})`,
		all: window => sum(`${duration.name}_count{${OF_CLIENTS}}`, window),
		what: "of the requests take longer than 0.5 s"
	}
];

/** The shares of bad requests that the alerts compare, as recording rules. */
export const listRecordings = (): { record: string; expr: string }[] =>
	OBJECTIVES.flatMap(({ ratio, bad, all }) =>
		WINDOWS.map(window => ({
			record: ratio + window,
			// Before the first bad request there is no series of it.
			expr: `(${bad(window)} or 0 * ${all(window)}) / ${all(window)}`
		}))
	);

/**
 * How fast the budget of 30 days may be spent, by a long window that shows that it matters and a short one that shows that it
 * goes on (Google, The Site Reliability Workbook, chapter 5). 14.4 spends 2 % of the budget in an hour.
 */
const BURNS = [
	{ suffix: "BurnsFast", factor: 14.4, long: "1h", short: "5m", holds: "2m", severity: "critical" },
	{ suffix: "Burns", factor: 6, long: "6h", short: "30m", holds: "15m", severity: "critical" },
	{ suffix: "BurnsSlowly", factor: 3, long: "1d", short: "2h", holds: "1h", severity: "warning" },
	{ suffix: "Wanes", factor: 1, long: "3d", short: "6h", holds: "3h", severity: "warning" }
] as const;

const SAMPLES = 300;
/** Every second request is bad, which is more than any of the limits. */
const TEST_SERIES: Record<Objective["name"], Record<string, string>> = {
	Availability: {
		[series(responses, 'route="POST /api/v1/orders",status="201"')]: `0+60x${SAMPLES}`,
		[series(responses, 'route="POST /api/v1/orders",status="503"')]: `0+60x${SAMPLES}`,
		[series(responses, 'route="GET /health/ready",status="200"')]: `0+600x${SAMPLES}`
	},
	Latency: {
		[series(duration, 'route="POST /api/v1/orders",le="0.5"', "_bucket")]: `0+60x${SAMPLES}`,
		[series(duration, 'route="POST /api/v1/orders"', "_count")]: `0+120x${SAMPLES}`
	}
};

export const objectiveAlerts: readonly Alert[] = OBJECTIVES.flatMap(({ name, budget, ratio, what }) =>
	BURNS.map(({ suffix, factor, long, short, holds, severity }): Alert => {
		const limit = Number((factor * budget).toPrecision(3));
		return {
			name: `Mall${name}${suffix}`,
			expression: `${ratio}${long} > ${limit} and ${ratio}${short} > ${limit}`,
			holds,
			severity,
			summary: `{{ $value | humanizePercentage }} ${what} in {{ $labels.namespace }}: ${factor} times what the objective allows, or more`,
			test: {
				series: TEST_SERIES[name],
				quietAt: "1m",
				firesAt: "4h",
				labels: { namespace: "mall" },
				summary: `50% ${what} in mall: ${factor} times what the objective allows, or more`
			}
		};
	})
);
