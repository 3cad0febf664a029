import type { Report, Spread } from "./measure-operations";
import { OPERATIONS } from "./operations";
import { countWrites } from "./write-floor";

const ms = (number: number) => number.toFixed(number < 1 ? 3 : 2);
const range = ({ lowest, highest }: Spread) => `${ms(lowest)}–${ms(highest)}`;
const times = (number: number) => `${number.toFixed(2)} ×`;

/** The report as text with aligned columns. */
export function formatTable(report: Report): string {
	const rows: string[][] = [
		[
			"operation",
			"CPU ms",
			"lowest–highest",
			"statements",
			"transactions (commits)",
			"calls",
			"stretch ms"
		]
	];
	for (const { name } of OPERATIONS) {
		const spread = report.operations[name];
		const counts = report.counts[name];
		if (!spread || !counts) continue;
		rows.push([
			name,
			ms(spread.median),
			range(spread),
			String(counts.statements),
			`${counts.transactions} (${counts.commits})`,
			String(counts.calls),
			ms(report.stretches[name] ?? NaN)
		]);
	}
	const bare = report.ceilings["moleculer-web"];
	const compared = Object.entries(report.ceilings).map(([name, { detail, list }]) => [
		name,
		`detail ${ms(detail.median)}`,
		range(detail),
		`list ${ms(list.median)}`,
		range(list)
	]);
	const { operations, writeFloor, startMs, memoryMiB } = report;
	const ratio = (name: "detail" | "list") =>
		times((operations[name]?.median ?? NaN) / (bare?.[name].median ?? NaN));
	const floor = countWrites();
	return [
		`${report.machine}, Node ${report.node}`,
		...align(rows),
		"",
		"servers that answer the same bytes, CPU ms:",
		...align(compared),
		`the shop: detail ${ratio("detail")} bare moleculer-web, list ${ratio("list")}`,
		`floor of writes: ${ms(writeFloor.median)} (${range(writeFloor)}) ms a checkout, ${floor.statements} statements in ${floor.transactions} transactions; the shop's checkout ${times((operations["checkout"]?.median ?? NaN) / writeFloor.median)}`,
		`start to the first answer: ${Math.round(startMs.median)} (${Math.round(startMs.lowest)}–${Math.round(startMs.highest)}) ms; memory ${memoryMiB.idle} MiB idle, ${memoryMiB.afterwards} MiB afterwards; idle ${ms(report.idleCpuMs)} ms CPU a second`,
		""
	].join("\n");
}

function align(rows: readonly (readonly string[])[]): string[] {
	const widths = (rows[0] ?? []).map((_, column) =>
		Math.max(...rows.map(row => (row[column] ?? "").length))
	);
	return rows.map(row =>
		row
			.map((cell, column) =>
				column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
			)
			.join("  ")
	);
}
