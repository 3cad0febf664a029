import type { IndexKey } from "../language/value-order";
import { MAX_MERGED_BRANCHES, type IndexField, type IndexTable, type Plan, type Probe } from "./plan-shape";

/**
 * SQL for a plan, and a list of parameters for each run of the statement: one run for documents (`UNION ALL` merges the
 * branches, unless there are too many), otherwise one run for each branch.
 */
export function generateSql(
	plan: Plan,
	docs: string,
	result: "documents" | "count" | "tally",
	window?: { readonly skip: number; readonly limit: number }
): { sql: string; runs: IndexKey[][] } {
	const { index, branches, range, probes = [], order = [] } = plan;
	const isDocsTable = !index || index.table === docs;
	const column = (field: IndexField) => (isDocsTable ? `d.${field.column}` : `i.${field.column}`);
	const from = isDocsTable
		? `"${docs}" d${indexedBy(index)}`
		: `"${index.table}" i CROSS JOIN "${docs}" d ON d.id = i.id`;
	const conditions = (index?.fields ?? [])
		.slice(0, branches[0]?.length ?? 0)
		.map(field => `${column(field)} = ?`);
	if (range)
		conditions.push(
			`${column(range.field)} ${range.low.exclusive ? ">" : ">="} ?`,
			`${column(range.field)} ${range.high.exclusive ? "<" : "<="} ?`
		);
	const [first] = index?.fields ?? [];
	// SQLite reads a partial index only where the conditions exclude what the index leaves out.
	if (index?.sqliteIndex && index.sparse && first && !conditions.length)
		conditions.push(`${column(first)} IS NOT NULL`);
	const probed = probes.map(probe => generateProbeSql(probe, isDocsTable ? "d" : "i"));
	const rows = isDocsTable ? from : `"${index.table}" i`;
	if (result === "tally") {
		const bounded = conditions.length ? ` WHERE ${conditions.join(" AND ")}` : "";
		const passes = probed.length ? probed.join(" AND ") : "1";
		return {
			sql: `SELECT count(*) AS seen, coalesce(sum(passes), 0) AS n FROM (SELECT ${passes} AS passes FROM ${rows}${bounded} LIMIT ?)`,
			runs: branches.map(branch => [
				...probes.flatMap(({ keys }) => keys.flat()),
				...branch,
				...(range ? [range.low.key, range.high.key] : [])
			])
		};
	}
	conditions.push(...probed);
	const where = conditions.length ? ` WHERE ${conditions.join(" AND ")}` : "";
	const bounds = [
		...(range ? [range.low.key, range.high.key] : []),
		...probes.flatMap(({ keys }) => keys.flat())
	];
	const runs = branches.map(branch => [...branch, ...bounds]);
	if (result === "count")
		return {
			sql: `SELECT count(*) AS n FROM ${rows}${where}`,
			runs
		};

	const sortColumns = order.map(({ field }, i) => `, ${column(field)} AS s${i}`).join("");
	const select = `SELECT d.id AS id, d.doc AS doc${sortColumns} FROM ${from}${where}`;
	const directions = order.map(({ direction }, i) => `s${i} ${direction === 1 ? "ASC" : "DESC"}`);
	const ordered = directions.length ? ` ORDER BY ${directions.join(", ")}` : "";
	const merged = runs.length > 1 && (ordered !== "" || runs.length <= MAX_MERGED_BRANCHES);
	const paged = window ? ` LIMIT ? OFFSET ?` : "";
	return {
		sql:
			(merged ? Array<string>(runs.length).fill(select).join(" UNION ALL ") : select) + ordered + paged,
		runs: (merged ? [runs.flat()] : runs).map(run => (window ? [...run, window.limit, window.skip] : run))
	};
}

const indexedBy = (index: IndexTable | undefined) =>
	index?.sqliteIndex ? ` INDEXED BY "${index.sqliteIndex}"` : "";

/** A probe as a condition on the row of the plan's own index. */
function generateProbeSql({ index, keys }: Probe, row: "d" | "i"): string {
	const { table, fields } = index;
	const given = keys.map((values, n) => `p.${fields[n]?.column} IN (${values.map(() => "?").join(", ")})`);
	const id = fields.slice(keys.length).map(({ column }) => `p.${column} = ${row}.id`);
	const conditions = new Set([...given, ...id, `p.id = ${row}.id`]);
	return `EXISTS (SELECT 1 FROM "${table}" p${indexedBy(index)} WHERE ${[...conditions].join(" AND ")})`;
}
