import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../tests/support/root";
import { compareWithBudget, type Budget } from "./compare-with-budget";
import { countOperations } from "./count-operations";
import { drawChart } from "./draw-chart";
import { measureOperations, type Report } from "./measure-operations";
import { formatTable } from "./format-table";
import { OPERATIONS } from "./operations";
import { Data } from "./shop-under-test";

/**
 * `npm run bench` measures what each operation of the shop costs, beside bare servers and the floor of writes, and writes the
 * figures to bench/results; `-- detail list` measures those two. `npm run bench -- --check` only counts statements, transactions and calls and exits with 1 where an
 * operation exceeds bench/budget.json; `-- --update-budget` writes that file. docs/bench.md explains the figures.
 */
const BUDGET = join(ROOT, "bench/budget.json");
const RESULTS = join(ROOT, "bench/results");
const BUILT = join(ROOT, "dist/main.js");

const toJson = (value: object) => `${JSON.stringify(value, null, "\t")}\n`;

async function checkBudget(update: boolean): Promise<void> {
	const data = await Data.prepare();
	try {
		const counted = await countOperations(data, OPERATIONS);
		if (update) return writeFileSync(BUDGET, toJson(counted));
		const { exceeded, unused } = compareWithBudget(
			counted,
			JSON.parse(readFileSync(BUDGET, "utf8")) as Budget
		);
		for (const text of [...exceeded, ...unused]) process.stdout.write(`${text}\n`);
		if (exceeded.length) process.exitCode = 1;
		else process.stdout.write("No operation exceeds bench/budget.json\n");
	} finally {
		data.remove();
	}
}

/** With names, only these operations are measured and nothing is written. */
async function measure(names: readonly string[]): Promise<void> {
	const chosen = OPERATIONS.filter(({ name }) => names.length === 0 || names.includes(name));
	execFileSync("npm", ["run", "build"], { cwd: ROOT, stdio: "ignore" });
	const data = await Data.prepare();
	try {
		const counts = await countOperations(data, chosen);
		const report: Report = { ...(await measureOperations(data, BUILT, chosen)), counts };
		process.stdout.write(formatTable(report));
		if (names.length > 0) return;
		mkdirSync(RESULTS, { recursive: true });
		writeFileSync(join(RESULTS, "embedded.json"), toJson(report));
		writeFileSync(join(RESULTS, "embedded.svg"), drawChart(report));
	} finally {
		data.remove();
	}
}

async function main(args: readonly string[]): Promise<void> {
	const update = args.includes("--update-budget");
	if (update || args.includes("--check")) await checkBudget(update);
	else await measure(args);
}

main(process.argv.slice(2)).catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
	process.exit(1);
});
