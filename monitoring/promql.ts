import { parser } from "@prometheus-io/lezer-promql";

/** The names of the metrics in a PromQL expression; throws where it can't be parsed. */
export function findMetrics(expression: string): string[] {
	const text = expression.replaceAll("$__rate_interval", "5m");
	const names: string[] = [];
	parser.parse(text).iterate({
		enter({ name, type, from, to }) {
			if (type.isError) throw new Error(`No PromQL at ${from}: ${text}`);
			if (name === "Identifier") names.push(text.slice(from, to));
		}
	});
	return names;
}
