import type { Constraints } from "../language/filter";
import { NULL_KEY, type IndexKey } from "../language/order";
import { isMultikeyFrom, type IndexTable } from "./indexes";
import type { Plan } from "./plan";

/** The document must be in another index as well, under one of `keys` for each column; its row there is found by one step. */
export type Probe = { readonly index: IndexTable; readonly keys: readonly (readonly IndexKey[])[] };

/** A probe that would look under more keys than these is not worth its while. */
const MAX_PROBED_KEYS = 16;

/** The plan with what other indexes know of its rows; where they know all, no document has to be tested. */
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
	for (const [path, { values, moreValues: more = [] }] of byPath) {
		const ranged = range?.field.path === path;
		if (!values && !ranged) exact = false;
		for (const wanted of values && !equal.includes(path) ? [values, ...more] : more) {
			const probe = indexes.map(other => probeOf(other, path, wanted, byPath)).find(found => found);
			if (probe) probes.push(probe);
			else exact = false;
		}
	}
	return { ...plan, probes, exact };
}

/** Every column but the document's own id has to be given, or the row would have to be searched for. */
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

/** As a condition on the row `i` of the plan's own index. */
export function generateProbeSql({ index: { table, fields }, keys }: Probe): string {
	const given = keys.map((values, n) => `p.${fields[n]?.column} IN (${values.map(() => "?").join(", ")})`);
	const id = fields.slice(keys.length).map(({ column }) => `p.${column} = i.id`);
	return `EXISTS (SELECT 1 FROM "${table}" p WHERE ${[...given, ...id, "p.id = i.id"].join(" AND ")})`;
}
