import { spawnSync, type StdioOptions } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CASES, parseCases, TITLE_WITH_CASES } from "./cases";
import { findFilesWithCases } from "./test-titles";
import { ROOT } from "../root";

const HELP = `npm run test:cases [-- options]: runs the tests of what can go wrong with money, and prints the result of each case.

  --servers      run the shop on NATS, a document server and Redis (default: embedded)
  --only n,n     only these cases
Exit code: 0 if each case has tests and all of them passed.`;

type Test = { readonly title: string; readonly status: string };
type Report = { readonly testResults: readonly { readonly assertionResults: readonly Test[] }[] };

/** Runs the tests of these cases and answers the result of each. Jest's own output goes to stderr. */
function run(config: string, wanted: readonly number[]): { ran: Test[]; sound: boolean } {
	const folder = mkdtempSync(join(tmpdir(), "zjmall-cases-"));
	const outputFile = join(folder, "run.json");
	const only =
		wanted.length < CASES.size ? ` \\[(\\d+, )*(${wanted.join("|")})(, \\d+)*\\]$` : TITLE_WITH_CASES;
	const files = findFilesWithCases(wanted);
	const options = [
		...["--config", config, "--json", "--outputFile", outputFile, "--testNamePattern", only],
		...["--runTestsByPath", ...files]
	];
	try {
		const jest = join(ROOT, "node_modules/jest/bin/jest.js");
		const stdio: StdioOptions = ["ignore", "ignore", "inherit"];
		const { status } = spawnSync(process.execPath, [jest, ...options], { cwd: ROOT, stdio });
		const { testResults } = JSON.parse(readFileSync(outputFile, "utf8")) as Report;
		const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
		return { ran: tests.filter(test => test.status !== "pending"), sound: status === 0 };
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

function main(): void {
	const { values } = parseArgs({
		options: { servers: { type: "boolean" }, only: { type: "string" }, help: { type: "boolean" } }
	});
	if (values.help) return console.log(HELP);
	const wanted = values.only?.split(",").map(Number) ?? [...CASES.keys()];
	const config = values.servers ? "jest.servers.config.js" : "jest.config.js";

	const { ran, sound } = run(config, wanted);

	let well = 0;
	for (const number of wanted) {
		const tests = ran.filter(({ title }) => parseCases(title).includes(number));
		const failed = tests.filter(({ status }) => status !== "passed").length;
		const verdict = !tests.length ? "NO TEST" : failed ? `FAILED ${failed}` : "passed";
		const count = `${tests.length} ${tests.length === 1 ? "test" : "tests"}`;
		console.log(
			`${String(number).padStart(2)}  ${verdict.padEnd(8)}  ${count.padStart(8)}  ${CASES.get(number)}`
		);
		if (verdict === "passed") well++;
	}
	const others = ran.filter(({ title }) => parseCases(title).some(number => !CASES.has(number)));
	for (const { title } of others) console.log(`There is no such case: ${title}`);
	console.log(`${well} of ${wanted.length} cases passed, ${ran.length} tests`);
	process.exitCode = sound && well === wanted.length && !others.length ? 0 : 1;
}

main();
