import type { environmentReader } from "./environment";

/** Variables of the OpenTelemetry SDK that the shop reads itself. */
export const TRACE_VARIABLES = [
	"OTEL_EXPORTER_OTLP_ENDPOINT",
	"OTEL_EXPORTER_OTLP_HEADERS",
	"OTEL_TRACES_SAMPLER_ARG",
	"OTEL_SERVICE_NAME"
] as const;
type Reader = ReturnType<typeof environmentReader<(typeof TRACE_VARIABLES)[number]>>;

/** `name=value` pairs separated by commas, percent-encoded. */
const HEADERS = /^[\w-]+=(?:[^%,]|%[\dA-Fa-f]{2})*(?:, *[\w-]+=(?:[^%,]|%[\dA-Fa-f]{2})*)*$/;

/** Where traces are sent (OTLP over HTTP), and the share of them that is kept. */
export type TraceCollector = {
	readonly endpoint: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly serviceName: string;
	readonly ratio: number;
};

/** The collector of traces; null without OTEL_EXPORTER_OTLP_ENDPOINT. */
export function readTraceCollector({ webUrl, matching, text }: Reader): TraceCollector | null {
	const endpoint = webUrl("OTEL_EXPORTER_OTLP_ENDPOINT", "");
	if (!endpoint) return null;
	const pairs = matching("OTEL_EXPORTER_OTLP_HEADERS", HEADERS, "authorization=Bearer%20…")
		.split(",")
		.filter(Boolean)
		.map(pair => pair.trim().split(/=(.*)/s, 2).map(decodeURIComponent));
	return {
		endpoint,
		headers: Object.fromEntries(pairs) as Readonly<Record<string, string>>,
		serviceName: text("OTEL_SERVICE_NAME", "zjmall"),
		ratio: Number(matching("OTEL_TRACES_SAMPLER_ARG", /^(0|1|0?\.\d+|1\.0+)$/, "0.1", "1"))
	};
}
