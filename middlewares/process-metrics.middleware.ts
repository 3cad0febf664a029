import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Middleware, ServiceBroker } from "moleculer";
import { openGauge, registerCollector, showCounter, showGauge } from "../infrastructure/prometheus";
import { CPU_SECONDS, EVENT_LOOP, MEMORY_BYTES } from "./process.metrics";
import { settings } from "../settings";

/** Milliseconds between two samples, which are part of each delay that is measured. */
const RESOLUTION_MS = 20;
const NS_PER_SECOND = 1e9;
const US_PER_SECOND = 1e6;

/** Measures how long synchronous work holds up everything else in this process, and what the process uses of CPU and memory. */
export function processMetricsMiddleware(): Middleware {
	let delays: ReturnType<typeof monitorEventLoopDelay> | undefined;
	return {
		name: "ProcessMetrics",
		created(broker: ServiceBroker) {
			if (!settings.metrics) return;
			delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
			showDelays(broker, delays);
			showUsage(broker);
		},
		async started() {
			delays?.enable();
		},
		async stopped() {
			delays?.disable();
		}
	};
}

function showDelays(broker: ServiceBroker, delays: ReturnType<typeof monitorEventLoopDelay>): void {
	const show = Object.entries(EVENT_LOOP).map(([key, definition]) => ({
		read: () => readDelay(delays, key as keyof typeof EVENT_LOOP),
		set: openGauge(broker, definition)
	}));
	registerCollector(broker, () => {
		for (const { read, set } of show) set(read(), {});
		delays.reset();
	});
}

function readDelay(
	delays: ReturnType<typeof monitorEventLoopDelay>,
	figure: keyof typeof EVENT_LOOP
): number {
	const ns = figure.startsWith("p")
		? delays.percentile(Number(figure.slice(1)))
		: delays[figure as "mean" | "max"];
	return Number.isFinite(ns) ? ns / NS_PER_SECOND : 0;
}

function showUsage(broker: ServiceBroker): void {
	showGauge(broker, MEMORY_BYTES, {}, () => process.memoryUsage.rss());
	showCounter(broker, CPU_SECONDS, {}, () => {
		const { user, system } = process.cpuUsage();
		return (user + system) / US_PER_SECOND;
	});
}
