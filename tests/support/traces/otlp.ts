import type { SeenSpan } from "./spans";

type Attribute = { key: string; value: object };
type OtlpSpan = {
	traceId: string;
	spanId: string;
	parentSpanId?: string;
	name: string;
	kind: number;
	attributes?: Attribute[];
	links?: { spanId: string }[];
};
/** Traces as OTLP's JSON has them. */
export type OtlpTraces = {
	resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: OtlpSpan[] }[] }[];
};
const KINDS = ["internal", "internal", "server", "client", "producer", "consumer"] as const;

const toAttributes = (attributes: readonly Attribute[] = []): Record<string, unknown> =>
	Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

export const listSpans = ({ resourceSpans }: OtlpTraces): SeenSpan[] =>
	resourceSpans.flatMap(({ resource, scopeSpans }) => {
		const process = String(toAttributes(resource.attributes)["service.instance.id"]);
		return scopeSpans
			.flatMap(({ spans }) => spans)
			.map(({ traceId, spanId, parentSpanId = "", name, kind, attributes, links = [] }) => ({
				traceId,
				id: spanId,
				parentId: parentSpanId,
				name,
				kind: KINDS[kind] ?? "internal",
				links: links.map(link => link.spanId),
				attributes: toAttributes(attributes),
				process
			}));
	});
