import type { SeenSpan } from "./spans";

type Tag = { key: string; value: unknown };
type JaegerSpan = {
	traceID: string;
	spanID: string;
	operationName: string;
	references: { refType: "CHILD_OF" | "FOLLOWS_FROM"; spanID: string }[];
	tags: Tag[];
	processID: string;
};
type JaegerTrace = { spans: JaegerSpan[]; processes: Record<string, { tags: Tag[] }> };

const toAttributes = (tags: readonly Tag[]) => Object.fromEntries(tags.map(({ key, value }) => [key, value]));

/** The spans that Jaeger has of a trace; none where it does not know the trace. */
export async function readTrace(queryUrl: string, traceId: string): Promise<SeenSpan[]> {
	const response = await fetch(`${queryUrl}/api/traces/${traceId}`);
	if (response.status === 404) return [];
	const { data } = (await response.json()) as { data: JaegerTrace[] };
	return data.flatMap(({ spans, processes }) =>
		spans.map(({ traceID, spanID, operationName, references, tags, processID }) => {
			const attributes = toAttributes(tags);
			return {
				traceId: traceID,
				id: spanID,
				parentId: references.find(({ refType }) => refType === "CHILD_OF")?.spanID ?? "",
				name: operationName,
				kind: (attributes["span.kind"] ?? "internal") as SeenSpan["kind"],
				links: references
					.filter(({ refType }) => refType === "FOLLOWS_FROM")
					.map(reference => reference.spanID),
				attributes,
				process: String(toAttributes(processes[processID]?.tags ?? [])["service.instance.id"])
			};
		})
	);
}
