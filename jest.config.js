/** One suite for domain specs (beside the code) and for tests through real interfaces (tests/). */
module.exports = {
	testEnvironment: "node",
	testMatch: ["**/*.spec.ts", "**/*.test.ts"],
	// Tests of single servers need these: jest.servers.config.js runs them.
	testPathIgnorePatterns: ["/node_modules/", "/dist/", "<rootDir>/tests/servers/"],
	modulePathIgnorePatterns: ["<rootDir>/dist/"],
	transform: {
		"^.+\\.(t|j|mj)s$": ["@swc/jest", { jsc: { target: "es2023", parser: { syntax: "typescript" } } }]
	},
	transformIgnorePatterns: ["/node_modules/(?!(jose|ulid)/)"],
	coverageProvider: "v8",
	collectCoverageFrom: ["services/**/*.domain.ts", "schemas/**/*.ts"],
	testTimeout: 30000,
	setupFilesAfterEnv: process.env.JEST_RESULTS ? ["<rootDir>/tests/support/second-try.ts"] : [],
	reporters: ["default", ...(process.env.JEST_RESULTS ? ["<rootDir>/tests/support/count-reporter.js"] : [])]
};
