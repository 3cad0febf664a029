import packageJson from "../../package.json";
import { toCamel, toPascal } from "./service-name";

/** Versions of packages as this repository has them. */
const { devDependencies, dependencies, optionalDependencies } = packageJson;
const versionOf = (name: string): string =>
	({ ...devDependencies, ...dependencies })[name as keyof typeof devDependencies];

const toPackage = (name: string, pathToShop: string) => ({
	name,
	version: "0.1.0",
	private: true,
	engines: packageJson.engines,
	scripts: {
		start: `zjmall ${name}.service.ts`,
		test: `node -r zjmall/test ${name}.test.ts`,
		typecheck: "tsc -p .",
		build: "tsc -p . --noEmit false --outDir dist"
	},
	dependencies: { zjmall: `file:${pathToShop}` },
	optionalDependencies,
	devDependencies: {
		"@types/node": versionOf("@types/node"),
		typescript: versionOf("typescript")
	}
});

const TSCONFIG = {
	extends: "zjmall/tsconfig.json",
	compilerOptions: { types: ["node"], incremental: false, tsBuildInfoFile: null },
	include: ["*.ts"]
};

const contractOf = (name: string) => `import { action, contract, r } from "zjmall";

const view = r.obj("${toPascal(name)}", { orders: r.int({ min: 0 }), points: r.int({ min: 0 }) });

export const ${toCamel(name)} = contract("${toCamel(name)}", {
	mine: action({})
		.returns(view)
		.rest("GET /me/${name}", "user", "The points of the signed-in user")
});
`;

const serviceOf = (name: string) => `import { collection, requireUserId, service, storeMixin } from "zjmall";
import { ${toCamel(name)} } from "./${name}.contract";

type Credit = { readonly _id: string; readonly userId: string; readonly points: number };

/** Credits one point for each yuan paid. */
export default service(${toCamel(name)}, {
	mixins: [storeMixin({ credits: collection<Credit>("${name.replaceAll("-", "_")}_credits", [{ keys: { userId: 1 } }]) })],

	actions: {
		mine: {
			async handler(ctx) {
				const credits = await this.credits.find({ userId: requireUserId(ctx) });
				return {
					orders: credits.length,
					points: credits.reduce((sum, { points }) => sum + points, 0)
				};
			}
		}
	},

	events: {
		// Delivered at least once: the credit has the order's id, so a second delivery stores nothing.
		async "order.paid"(ctx) {
			const { orderId, userId, total } = ctx.params;
			const credit = { _id: orderId, userId, points: Math.floor(total / 100) };
			await this.credits.insertOnce(credit, { _id: orderId });
		}
	}
});
`;

const testOf = (name: string) => `import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { startAlone } from "zjmall";
import service from "./${name}.service";

let alone: Awaited<ReturnType<typeof startAlone>>;
before(async () => {
	alone = await startAlone(service);
});
after(() => alone.stop());

it("credits a paid order once, however often it hears of it", async () => {
	const paid = { orderId: "O1", userId: "U1", paymentId: "P1", total: 12_345, lines: [] };

	await alone.tell("order.paid", paid);
	await alone.tell("order.paid", paid);

	const points = await alone.call("${toCamel(name)}.mine", {}, { id: "U1" });
	assert.deepEqual(points, { orders: 1, points: 123 });
});
`;

const readmeOf = (name: string, pathToShop: string) => `# ${name}

A service of [zjMall](${pathToShop}/README.en.md) in a folder of its own: a contract with a route, a handler of a fact, and a test.

\`\`\`bash
npm install      # links ${pathToShop}, in which \`npm ci\` has run
npm test         # the service alone, with storage and facts in a temporary folder
npm start        # an embedded shop with this service in it: http://127.0.0.1:3000/api/v1/me/${name}
\`\`\`

Beside a shop that runs on servers, give the service the shop's variables, and \`npm start\` starts this service only; it joins over NATS, and the shop's gateways serve its route:

\`\`\`bash
NATS_URL=nats://127.0.0.1:4222 MONGO_URL=… REDIS_URL=… npm start
\`\`\`

An embedded shop has no bus, so no other process can join it. Start it with the file instead, in ${pathToShop}: \`npm start -- <path>/${name}.service.ts\`.

In production: \`npm run build\` here and there, then \`NODE_ENV=production npx zjmall dist/${name}.service.js\`.
`;

/** The files of a service in a folder of its own, by their names. */
export const listStandaloneFiles = (name: string, pathToShop: string): Readonly<Record<string, string>> => ({
	"package.json": `${JSON.stringify(toPackage(name, pathToShop), null, "\t")}\n`,
	"tsconfig.json": `${JSON.stringify(TSCONFIG, null, "\t")}\n`,
	".gitignore": "node_modules/\ndata/\ndist/\n",
	"README.md": readmeOf(name, pathToShop),
	[`${name}.contract.ts`]: contractOf(name),
	[`${name}.service.ts`]: serviceOf(name),
	[`${name}.test.ts`]: testOf(name)
});
