const { writeFileSync } = require("node:fs");

/** Prints which tests passed at their second try only, and leaves the run's counts in the file that `JEST_RESULTS` names. */
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
		const counts = {
			numPassedTests,
			numFailedTests,
			numPendingTests,
			numFailedTestSuites,
			numSecondTries: triedAgain.length
		};
		writeFileSync(file, JSON.stringify(counts));
	}
};
