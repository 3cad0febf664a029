import { CPU_SECONDS, EVENT_LOOP, MEMORY_BYTES } from "../../middlewares/process.metrics";
import { API_METRICS } from "../../services/api/api.metrics";
import { quantile, quantiles, select, sumRate, type DashboardDefinition } from "./panels";

const { duration, responses, fromCache, streams, streamsBehind, eventsSent } = API_METRICS;
const ofClass = (status: string) => sumRate(responses, "", `status=~"${status}"`);

export const gateway: DashboardDefinition = {
	uid: "zjmall-gateway",
	title: "zjMall: gateway and processes",
	rows: [
		{
			title: "Requests",
			panels: [
				{
					title: "Requests a second, by status",
					unit: "reqps",
					queries: [[sumRate(responses, "status"), "{{status}}"]]
				},
				{
					title: "Failed requests (5xx)",
					about: "The objective: at most 0.1 % in 30 days.",
					unit: "percentunit",
					queries: [[`(${ofClass("5..")} or vector(0)) / ${sumRate(responses)}`, "failed"]]
				},
				{
					title: "Duration of requests",
					about: "The objective: 99 % within 0.5 s.",
					unit: "s",
					queries: quantiles(duration)
				},
				{
					title: "Refused: not signed in (401), not allowed (403), too many (429), overloaded (503)",
					unit: "reqps",
					queries: ["401", "403", "429", "503"].map(status => [
						`${ofClass(status)} or vector(0)`,
						status
					])
				},
				{
					title: "Slowest routes (p95)",
					unit: "s",
					queries: [[`topk(10, ${quantile(0.95, duration, "route")})`, "{{route}}"]]
				},
				{
					title: "Busiest routes",
					unit: "reqps",
					queries: [[`topk(10, ${sumRate(responses, "route")})`, "{{route}}"]]
				},
				{
					title: "Answered from the gateway's cache",
					unit: "percentunit",
					queries: [[`${sumRate(fromCache)} / ${sumRate(responses)}`, "from the cache"]]
				}
			]
		},
		{
			title: "Live events",
			panels: [
				{ title: "Open streams", unit: "short", queries: [[select(streams), "{{instance}}"]] },
				{
					title: "Facts that streams have yet to be sent",
					unit: "short",
					queries: [[select(streamsBehind), "{{instance}}"]]
				},
				{ title: "Events a second", unit: "short", queries: [[sumRate(eventsSent), "sent"]] }
			]
		},
		{
			title: "Processes",
			panels: [
				{
					title: "Delay of the event loop",
					about: "For so long, synchronous work held up everything else. 0.02 s means that nothing did.",
					unit: "s",
					queries: [
						[select(EVENT_LOOP.mean), "mean {{instance}}"],
						[select(EVENT_LOOP.p50), "p50 {{instance}}"],
						[select(EVENT_LOOP.p90), "p90 {{instance}}"],
						[select(EVENT_LOOP.p99), "p99 {{instance}}"],
						[select(EVENT_LOOP.max), "max {{instance}}"]
					]
				},
				{
					title: "Cores in use",
					unit: "short",
					queries: [[`rate(${select(CPU_SECONDS)}[$__rate_interval])`, "{{instance}}"]]
				},
				{
					title: "Memory",
					unit: "bytes",
					queries: [[select(MEMORY_BYTES), "{{instance}}"]]
				},
				{
					title: "Busiest actions",
					unit: "reqps",
					queries: [[`topk(10, ${sumRate("moleculer_request_total", "action")})`, "{{action}}"]]
				},
				{
					title: "Slowest actions (p95)",
					unit: "ms",
					queries: [
						[`topk(10, ${quantile(0.95, "moleculer_request_time", "action")})`, "{{action}}"]
					]
				},
				{
					title: "Actions that failed or refused",
					unit: "reqps",
					queries: [
						[
							`topk(10, ${sumRate("moleculer_request_error_total", "action, errorType")})`,
							"{{action}} {{errorType}}"
						]
					]
				}
			]
		}
	]
};
