const { writeFileSync } = require("node:fs");
const { relative } = require("node:path");

/** The rest is in the output above. */
const MESSAGE_LINES = 60;

/**
 * Prints which tests passed at their second try only, and leaves the run's counts, the suites that failed and what they said in
 * the file that `JEST_RESULTS` names.
 */
module.exports = class CountReporter {
	onRunComplete(_contexts, run) {
		const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites, testResults } = run;
		const mayTryAgain = testResults
			.flatMap(file => file.testResults)
			.filter(({ ancestorTitles }) => ancestorTitles.some(title => title.startsWith("[second try")));
		const triedAgain = mayTryAgain.filter(
			({ status, retryReasons }) => status === "passed" && retryReasons?.length > 0
		);
		for (const { fullName } of triedAgain)
			process.stderr.write(`Passed at its second try: ${fullName}\n`);
		process.stderr.write(
			`${mayTryAgain.length} tests may have a second try, ${triedAgain.length} needed it\n`
		);
		const file = process.env.JEST_RESULTS;
		if (!file) return;
		const failedSuites = testResults
			.filter(({ failureMessage }) => failureMessage)
			.map(({ testFilePath, failureMessage }) => ({
				path: relative(process.cwd(), testFilePath),
				message: failureMessage.split("\n").slice(0, MESSAGE_LINES).join("\n")
			}));
		const counts = {
			numPassedTests,
			numFailedTests,
			numPendingTests,
			numFailedTestSuites,
			numSecondTries: triedAgain.length,
			failedSuites
		};
		writeFileSync(file, JSON.stringify(counts));
	}
};
