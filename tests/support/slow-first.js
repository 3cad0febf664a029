const Sequencer = require("@jest/test-sequencer").default;
const { sep } = require("node:path");

const SLOW_FIRST = ["proofs", "tests/servers", "tests/shop", "tests/embedded", "tests/edge"].map(folder =>
	folder.split("/").join(sep)
);

/**
 * Begins with the folders whose suites start processes and wait for sweeps. Jest knows how long a suite takes once it has run it;
 * on a clean checkout it would begin with the largest files, and one worker would end long after the others.
 */
module.exports = class SlowFirst extends Sequencer {
	sort(tests) {
		const rank = ({ path, context }) => {
			const folder = path.slice(context.config.rootDir.length + 1);
			const place = SLOW_FIRST.findIndex(slow => folder.startsWith(slow));
			return place < 0 ? SLOW_FIRST.length : place;
		};
		return super.sort(tests).toSorted((a, b) => rank(a) - rank(b));
	}
};
