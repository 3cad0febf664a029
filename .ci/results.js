"use strict";
// Reads what the runs of `.ci/run` left in a folder (tests/support/count-reporter.js).
//   results.js list-failed <folder> <run>   the suites that may run once more; exits with 1 when none may
//   results.js count <folder> <run>...      prints failures and counts; exits with 1 when a test failed
const { existsSync, readFileSync } = require("node:fs");

/** More failed suites than this are a defect, not a busy machine. */
const MAX_SUITES_AGAIN = 5;
const NOTHING = {
	numPassedTests: 0,
	numFailedTests: 0,
	numPendingTests: 0,
	numFailedTestSuites: 0,
	numSecondTries: 0,
	failedSuites: []
};

const [command, folder, ...runs] = process.argv.slice(2);
const read = run => {
	const file = `${folder}/${run}`;
	return existsSync(file) ? { ...NOTHING, ...JSON.parse(readFileSync(file, "utf8") || "{}") } : null;
};

function listFailed(run) {
	const failed = (read(run) ?? NOTHING).failedSuites.map(({ path }) => path);
	if (failed.length === 0 || failed.length > MAX_SUITES_AGAIN) process.exit(1);
	console.log(failed.join("\n"));
}

// A suite that could not even start has no test to count, and a run without any is none: failures all the same.
const countFailed = run =>
	Math.max(run.numFailedTests, run.numFailedTestSuites, run.numPassedTests > 0 ? 0 : 1);

function count(name) {
	const first = read(name) ?? NOTHING;
	const again = read(`${name}-again`);
	for (const { path, message } of first.failedSuites) console.log(`${name}: ${path} failed\n${message}`);
	for (const { path, message } of again?.failedSuites ?? [])
		console.log(`${name}: ${path} failed again\n${message}`);
	const failed = countFailed(again ?? first);
	const recovered = again ? Math.max(0, countFailed(first) - failed) : 0;
	const passed = first.numPassedTests + recovered;
	const skipped = first.numPendingTests;
	console.log(
		`${name}: ${passed} of ${passed + failed + skipped} tests passed, ${first.numSecondTries} of them at a second try, ${recovered} when their suite ran alone`
	);
	return { passed, failed, skipped };
}

if (command === "list-failed") listFailed(runs[0]);
else {
	const counts = runs.map(count);
	const sum = key => counts.reduce((total, run) => total + run[key], 0);
	console.log(`${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
	process.exit(sum("failed") === 0 ? 0 : 1);
}
