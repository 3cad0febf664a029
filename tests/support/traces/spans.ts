/** A span as the tests compare it, whichever way it came. */
export type SeenSpan = {
	readonly traceId: string;
	readonly id: string;
	/** Empty for a span that begins its trace. */
	readonly parentId: string;
	readonly name: string;
	readonly kind: "internal" | "server" | "client" | "producer" | "consumer";
	/** Ids of linked spans. */
	readonly links: readonly string[];
	readonly attributes: Readonly<Record<string, unknown>>;
	/** `service.instance.id` of the process that sent it. */
	readonly process: string;
};

/** The names of a span and of those above it, from the span itself up to the one without a parent among these. */
export function listPath(spans: readonly SeenSpan[], name: string): string[] {
	let span = spans.find(one => one.name === name);
	const path: string[] = [];
	while (span) {
		path.push(span.name);
		const { parentId } = span;
		span = spans.find(({ id }) => id === parentId);
	}
	return path;
}

/** The names of spans whose parent is neither among these nor `outside`. */
export const listOrphans = (spans: readonly SeenSpan[], outside: string): string[] =>
	spans
		.filter(({ parentId }) => parentId !== outside && !spans.some(({ id }) => id === parentId))
		.map(({ name }) => name);

/** Facts that were handled without a link to the span that made them. */
export const listUnlinked = (spans: readonly SeenSpan[]): string[] =>
	spans
		.filter(({ kind, links, parentId }) => kind === "consumer" && !links.includes(parentId))
		.map(({ name }) => name);

/** The spans as an indented tree, with the process of each: a checkout on one page. */
export const formatTree = (spans: readonly SeenSpan[], parentId: string, indent = ""): string =>
	spans
		.filter(span => span.parentId === parentId)
		.map(
			({ id, name, kind, process }) =>
				`${indent}${name} (${kind}, ${process})\n${formatTree(spans, id, `${indent}  `)}`
		)
		.join("");
