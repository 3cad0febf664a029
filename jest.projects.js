const { availableParallelism } = require("node:os");
const lazy = require("./tests/support/lazy-modules");

/** Packages that are ES modules only. */
const ES_MODULES = [
	"jose",
	"ulid",
	"htmlparser2",
	"domhandler",
	"domutils",
	"dom-serializer",
	"domelementtype",
	"entities"
];

/** What every project has: TypeScript, and the packages that are ES modules only, compiled by swc. */
const common = {
	testEnvironment: "node",
	setupFiles: ["<rootDir>/tests/support/own-settings.ts"],
	testPathIgnorePatterns: ["/node_modules/", "/dist/"],
	modulePathIgnorePatterns: ["<rootDir>/dist/"],
	transform: {
		"^.+\\.(t|j|mj)s$": [
			"@swc/jest",
			{
				jsc: { target: "es2023", parser: { syntax: "typescript" } },
				module: { type: "commonjs", lazy }
			}
		]
	},
	// The client package names its modules by the files that it is built to.
	moduleNameMapper: { "^(\\./(?:client|errors|event-stream|retry|session))\\.js$": "$1" },
	transformIgnorePatterns: [`/node_modules/(?!(${ES_MODULES.join("|")})/)`]
};
exports.common = common;

const sharedShops = {
	globalSetup: "<rootDir>/tests/support/shared-shop/setup.ts",
	globalTeardown: "<rootDir>/tests/support/shared-shop/teardown.ts"
};

/** Code by itself: specs beside the code, and tests without a shop. */
exports.unit = {
	...common,
	displayName: "unit",
	testMatch: ["<rootDir>/**/*.spec.ts", "<rootDir>/tests/unit/**/*.test.ts"]
};

/** The gateway of an embedded shop: routes, policies, input. Nothing here depends on what the documents are stored in. */
exports.edge = {
	...common,
	...sharedShops,
	displayName: "edge",
	testMatch: ["<rootDir>/tests/edge/**/*.test.ts"]
};

/** The shop without any server, the embedded backends themselves, and short runs of the proofs. */
exports.embedded = {
	...common,
	...sharedShops,
	displayName: "embedded",
	testMatch: [
		"<rootDir>/tests/shop/**/*.test.ts",
		"<rootDir>/tests/embedded/**/*.test.ts",
		"<rootDir>/proofs/**/*.test.ts"
	]
};

/** The same shop on NATS, a document server and Redis, which are started for the run, and tests of these servers. */
exports.servers = {
	...common,
	displayName: "servers",
	testMatch: ["<rootDir>/tests/shop/**/*.test.ts", "<rootDir>/tests/servers/**/*.test.ts"],
	globalSetup: "<rootDir>/tests/support/servers.setup.ts",
	globalTeardown: "<rootDir>/tests/support/servers.teardown.ts"
};

/** Search in a search engine, which is started for the run. */
exports.searchEngine = {
	...common,
	displayName: "search engine",
	testMatch: ["<rootDir>/tests/search-engine/**/*.test.ts", "<rootDir>/tests/shop/search/search.test.ts"],
	globalSetup: "<rootDir>/tests/support/search-engine.setup.ts",
	globalTeardown: "<rootDir>/tests/support/search-engine.teardown.ts"
};

/** For the whole run, whatever projects it has. */
exports.run = {
	// Most suites wait more than they compute, so there is one worker more than processors.
	maxWorkers: availableParallelism() + 1,
	testSequencer: "<rootDir>/tests/support/slow-first.js",
	// Ends what hangs. A test that takes long on a busy machine has not failed.
	testTimeout: 300_000,
	coverageProvider: "v8",
	collectCoverageFrom: ["services/**/*.domain.ts", "schemas/**/*.ts"],
	reporters: ["default", "<rootDir>/tests/support/count-reporter.js"]
};
