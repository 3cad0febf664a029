const { common, run } = require("./jest.projects");

/** `npm run test:traces`: a shop in several processes, and the servers that watch it. They are built by scripts/servers. */
module.exports = {
	...run,
	testTimeout: 120_000,
	maxWorkers: 1,
	projects: [{ ...common, displayName: "traces", testMatch: ["<rootDir>/tests/traces/**/*.test.ts"] }]
};
