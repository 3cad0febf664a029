import type { AnyRule, Rule } from "./rules";

type Project = (value: unknown) => unknown;
const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null;

/**
 * Compiles a rule into a function that copies the parts of a value that the rule names, and nothing else: an allow-list for
 * answers. The value itself is not changed, since on a local call a cache may share it.
 */
export function compileProjection(rule: Rule<unknown>): Project {
	const { type, props, items, value: entry }: AnyRule = rule;
	if (type === "object" && props) {
		const fields = Object.entries(props).map(
			([name, inner]) => [name, compileProjection(inner)] as const
		);
		return value => {
			if (!isObject(value)) return value;
			const copy: Record<string, unknown> = {};
			for (const [name, project] of fields)
				if (value[name] !== undefined) copy[name] = project(value[name]);
			return copy;
		};
	}
	if (type === "array" && items) {
		const project = compileProjection(items);
		return value => (Array.isArray(value) ? value.map(project) : value);
	}
	if (type === "record" && entry) {
		const project = compileProjection(entry);
		return value =>
			isObject(value)
				? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, project(inner)]))
				: value;
	}
	return value => value;
}
