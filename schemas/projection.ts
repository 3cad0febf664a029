import type { Rule } from "./kit/rules";

type Cut = (value: unknown) => unknown;
type Inner = Rule<unknown> & {
	readonly props?: Readonly<Record<string, Rule<unknown>>>;
	readonly items?: Rule<unknown>;
	readonly value?: unknown;
};
const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null;

/**
 * Makes a function that copies of a value what the rule names and nothing else: the allow-list of what may leave. The value
 * itself stays as it is, since on a local call it may be shared with a cache.
 */
export function compileProjection(rule: Rule<unknown>): Cut {
	const { type, props, items, value: entry }: Inner = rule;
	if (type === "object" && props) {
		const cuts = Object.entries(props).map(([key, inner]) => [key, compileProjection(inner)] as const);
		return value => {
			if (!isObject(value)) return value;
			const kept: Record<string, unknown> = {};
			for (const [key, cut] of cuts) if (value[key] !== undefined) kept[key] = cut(value[key]);
			return kept;
		};
	}
	if (type === "array" && items) {
		const cut = compileProjection(items);
		return value => (Array.isArray(value) ? value.map(cut) : value);
	}
	if (type === "record" && isRule(entry)) {
		const cut = compileProjection(entry);
		return value =>
			isObject(value)
				? Object.fromEntries(Object.entries(value).map(([key, v]) => [key, cut(v)]))
				: value;
	}
	return value => value;
}

const isRule = (value: unknown): value is Rule<unknown> =>
	isObject(value) && typeof value["type"] === "string";
