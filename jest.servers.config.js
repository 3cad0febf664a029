/** The same suite on NATS, a document server and Redis, and the tests of these; embedded it runs by jest.config.js. */
module.exports = {
	...require("./jest.config.js"),
	// The ignored start a shop of their own, embedded, whatever servers there are.
	testPathIgnorePatterns: [
		"/node_modules/",
		"/dist/",
		"<rootDir>/proofs/(prove|crash|simulation)/",
		"<rootDir>/tests/embedded/full-disk.test.ts"
	],
	globalSetup: "<rootDir>/tests/support/servers.setup.ts",
	globalTeardown: "<rootDir>/tests/support/servers.teardown.ts",
	setupFilesAfterEnv: ["<rootDir>/tests/support/second-try.ts"],
	testTimeout: 60000
};
