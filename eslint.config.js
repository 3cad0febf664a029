const { readdirSync } = require("node:fs");
const { join } = require("node:path");
const tseslint = require("typescript-eslint");

const services = readdirSync(join(__dirname, "services"), { withFileTypes: true })
	.filter(entry => entry.isDirectory())
	.map(({ name }) => name);

const storage = {
	group: ["**/mixins/store*", "**/mixins/key-value*", "**/infrastructure/documents/**"],
	message: "The edge has no database."
};
/** Below the mixins: reached through `mixins/` only, `mixins/platform.ts` above all. */
const beneath = {
	group: ["infrastructure", "middlewares", "invariants", "repl", "scripts", "proofs", "tests"].map(
		folder => `**/${folder}/**`
	),
	message: "A service imports mixins/ and schemas/ only."
};
/** Nobody imports from another service's folder; `schemas/` and `mixins/` never from a service. */
const borders = services.map(own => ({
	files: [`services/${own}/**/*.ts`],
	rules: {
		"no-restricted-imports": [
			"error",
			{ patterns: [foreign(own), beneath, ...(own === "api" ? [storage] : [])] }
		]
	}
}));
const pure = {
	group: ["node:*", "moleculer*", "**/mixins/**", "**/infrastructure/**", "ulid"],
	message: "A domain file decides: no I/O, clock or random; they arrive as arguments.",
	allowTypeImports: true
};
/** What payment channels send and expect, as bytes and text. Signatures and archives are computed, so crypto and zlib serve. */
const protocol = [
	{ ...pure, group: [...pure.group, "!node:crypto", "!node:zlib", "**/exchange"] },
	{
		group: ["node:crypto"],
		importNamePattern: "^(random|generate|getRandom)",
		message: "A protocol file is pure: nonces and keys arrive as arguments."
	}
];
function foreign(own) {
	const others = services.filter(name => name !== own);
	return {
		group: [...others.map(name => `../${name}/**`), ...others.map(name => `**/services/${name}/**`)],
		message: "Another service is asked over the bus, through its contract."
	};
}

module.exports = tseslint.config(
	{
		ignores: [
			"dist/",
			"data/",
			"coverage/",
			".stryker-tmp/",
			"node_modules/",
			"sdk/dist/",
			"sdk/src/schema.d.ts"
		]
	},
	{
		files: ["**/*.ts"],
		extends: [tseslint.configs.strictTypeChecked],
		languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: __dirname } },
		rules: {
			"@typescript-eslint/no-unused-vars": [
				"error",
				{ argsIgnorePattern: "^_", varsIgnorePattern: "^_" }
			],
			"@typescript-eslint/restrict-template-expressions": [
				"error",
				{ allowNumber: true, allowBoolean: true, allowNullish: true }
			],
			"@typescript-eslint/no-confusing-void-expression": "off",
			"@typescript-eslint/no-unnecessary-type-parameters": "off",
			"@typescript-eslint/require-await": "off",
			"@typescript-eslint/no-dynamic-delete": "off",
			"@typescript-eslint/unified-signatures": "off",
			"@typescript-eslint/no-invalid-void-type": "off",
			"@typescript-eslint/switch-exhaustiveness-check": [
				"error",
				{ considerDefaultExhaustiveForUnions: true }
			],
			"@typescript-eslint/no-redundant-type-constituents": "off",
			"@typescript-eslint/no-generated-empty-object-type": "off",
			eqeqeq: "error",
			"no-console": "error"
		}
	},
	{
		// Required lazily, where the order of loading matters or what is loaded is not always needed.
		files: [
			"main.ts",
			"moleculer.config.ts",
			"infrastructure/backends.ts",
			"infrastructure/opentelemetry/tracing.ts",
			"scripts/**/*.ts",
			"services/api/**/*.ts",
			"services/auth/password.domain.ts",
			"tests/**/*.ts",
			"proofs/**/*.ts",
			"monitoring/list-metrics.ts",
			"infrastructure/service-files.ts",
			"invariants/check-invariants.ts"
		],
		rules: { "@typescript-eslint/no-require-imports": "off" }
	},
	{
		// Tests look into answers of the gateway by path, as any client would.
		files: [
			"tests/**/*.ts",
			"proofs/**/*.ts",
			"**/*.spec.ts",
			"bench/**/*.ts",
			"monitoring/check/**/*.ts"
		],
		rules: {
			"@typescript-eslint/no-explicit-any": "off",
			"@typescript-eslint/no-unsafe-assignment": "off",
			"@typescript-eslint/no-unsafe-member-access": "off",
			"@typescript-eslint/no-unsafe-argument": "off",
			"@typescript-eslint/no-unsafe-return": "off",
			"@typescript-eslint/no-unsafe-call": "off",
			"@typescript-eslint/no-non-null-assertion": "off",
			"@typescript-eslint/no-unused-expressions": "off",
			"@typescript-eslint/restrict-plus-operands": "off",
			"@typescript-eslint/unbound-method": "off",
			"@typescript-eslint/no-misused-promises": "off",
			"@typescript-eslint/no-unsafe-class-instance-assignment": "off",
			"no-console": "off"
		}
	},
	...borders,
	{
		files: ["**/*.domain.ts"],
		rules: {
			"@typescript-eslint/no-restricted-imports": ["error", { patterns: [pure] }],
			"no-restricted-properties": [
				"error",
				{ object: "Date", property: "now" },
				{ object: "performance", property: "now" },
				{ object: "Math", property: "random" }
			]
		}
	},
	{
		files: ["services/payments/channels/**/protocol/*.ts", "services/auth/sms/protocol/*.ts"],
		ignores: ["**/*.spec.ts"],
		rules: { "@typescript-eslint/no-restricted-imports": ["error", { patterns: protocol }] }
	},
	{
		files: ["schemas/**/*.ts", "infrastructure/**/*.ts", "middlewares/**/*.ts", "mixins/**/*.ts"],
		rules: {
			"no-restricted-imports": [
				"error",
				{
					patterns: [
						{
							group: ["**/services/**"],
							message: "Services stand on this, not the other way round."
						}
					]
				}
			]
		}
	}
);
