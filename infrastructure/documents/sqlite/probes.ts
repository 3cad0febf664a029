import type { Constraints } from "../language/filter";
import { NULL_KEY, type IndexKey } from "../language/value-order";
import { isMultikeyFrom, type IndexTable, type Plan, type Probe } from "./plan-shape";

/** A probe for more keys than these costs more than reading the document. */
const MAX_PROBED_KEYS = 16;

/** Adds tests of the rows by other indexes. Where these cover the whole filter, the plan becomes exact. */
export function addProbes(
	indexes: readonly IndexTable[],
	{ byPath, complete }: Constraints,
	plan: Plan
): Plan {
	const { index, branches, range } = plan;
	if (!index || index === indexes[0] || plan.exact) return plan;
	const equal = index.fields.slice(0, branches[0]?.length).map(({ path }) => path);
	const probes: Probe[] = [];
	let exact = complete && !(range && isMultikeyFrom(index, equal.length));
	for (const [path, { values, moreValues = [] }] of byPath) {
		const ranged = range?.field.path === path;
		if (!values && !ranged) exact = false;
		for (const wanted of values && !equal.includes(path) ? [values, ...moreValues] : moreValues) {
			const probe = indexes.map(other => probeOf(other, path, wanted, byPath)).find(found => found);
			if (probe) probes.push(probe);
			else exact = false;
		}
	}
	return { ...plan, probes, exact };
}

/** A probe of one index for a path; undefined unless every column has keys, except a last one for the id, which is known. */
function probeOf(
	index: IndexTable,
	path: string,
	wanted: readonly IndexKey[],
	byPath: Constraints["byPath"]
): Probe | undefined {
	const fields = index.fields.filter((field, i) => i < index.fields.length - 1 || field.path !== "_id");
	if (fields[0]?.path !== path) return undefined;
	const keys = fields.map(field => (field.path === path ? wanted : byPath.get(field.path)?.values) ?? []);
	const ways = keys.reduce((n, { length }) => n * length, 1);
	const fits = ways > 0 && ways <= MAX_PROBED_KEYS && !keys.some(values => values.includes(NULL_KEY));
	return fits ? { index, keys } : undefined;
}
