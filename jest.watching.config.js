const { common, run } = require("./jest.projects");

/** `npm run test:traces` and `test:logs`: a shop, and servers that watch it, which scripts in scripts/servers build. */
module.exports = {
	...run,
	maxWorkers: 1,
	projects: [{ ...common, displayName: "watching", testMatch: ["<rootDir>/tests/watching/**/*.test.ts"] }]
};
