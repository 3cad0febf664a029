import { listSpans, type OtlpTraces } from "./otlp";
import type { SeenSpan } from "./spans";

/** The spans that Jaeger has of a trace; none where it does not know the trace. */
export async function readTrace(queryUrl: string, traceId: string): Promise<SeenSpan[]> {
	const response = await fetch(`${queryUrl}/api/v3/traces/${traceId}`);
	if (response.status === 404) return [];
	const { result } = (await response.json()) as { result: OtlpTraces };
	return listSpans(result);
}
