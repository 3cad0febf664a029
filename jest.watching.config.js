const { common, run } = require("./jest.projects");

/** `npm run test:traces` and `test:logs`: a shop, and servers that watch it, which scripts in scripts/servers build. */
module.exports = {
	...run,
	testTimeout: 120_000,
	maxWorkers: 1,
	projects: [{ ...common, displayName: "watching", testMatch: ["<rootDir>/tests/watching/**/*.test.ts"] }]
};
