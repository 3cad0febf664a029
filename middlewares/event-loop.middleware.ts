import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Middleware, ServiceBroker } from "moleculer";
import { registerCollector, registerGauges } from "../infrastructure/prometheus";

/** Milliseconds between two samples, which are part of each delay that is measured. */
const RESOLUTION_MS = 20;
const NS_PER_SECOND = 1e9;

/** The delays, by the names that Node programs have for them in Prometheus (prom-client's defaults). */
const GAUGES = {
	nodejs_eventloop_lag_mean_seconds: "Mean delay of the event loop since the last scrape",
	nodejs_eventloop_lag_p50_seconds: "Median delay of the event loop since the last scrape",
	nodejs_eventloop_lag_p90_seconds: "90th percentile of the event loop's delay since the last scrape",
	nodejs_eventloop_lag_p99_seconds: "99th percentile of the event loop's delay since the last scrape",
	nodejs_eventloop_lag_max_seconds: "Longest delay of the event loop since the last scrape"
} as const;

/** Measures how long synchronous work holds up everything else in this process. */
export function eventLoopMiddleware(): Middleware {
	let delays: ReturnType<typeof monitorEventLoopDelay> | undefined;
	return {
		name: "EventLoop",
		created(broker: ServiceBroker) {
			if (!broker.isMetricsEnabled()) return;
			const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
			const set = registerGauges(broker, GAUGES);
			registerCollector(broker, () => {
				const read = (ns: number) => (Number.isFinite(ns) ? ns / NS_PER_SECOND : 0);
				set("nodejs_eventloop_lag_mean_seconds", read(histogram.mean));
				set("nodejs_eventloop_lag_p50_seconds", read(histogram.percentile(50)));
				set("nodejs_eventloop_lag_p90_seconds", read(histogram.percentile(90)));
				set("nodejs_eventloop_lag_p99_seconds", read(histogram.percentile(99)));
				set("nodejs_eventloop_lag_max_seconds", read(histogram.max));
				histogram.reset();
			});
			delays = histogram;
		},
		async started() {
			delays?.enable();
		},
		async stopped() {
			delays?.disable();
		}
	};
}
