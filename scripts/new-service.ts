import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** `npm run new -- loyalty`: writes a service that compiles, starts and handles a fact. Its contract is registered by hand. */
const name = process.argv[2] ?? "";
if (!/^[a-z][a-z-]{1,30}$/.test(name)) {
	process.stderr.write(
		"Usage: npm run new -- <plural noun in lower case>, for example npm run new -- badges\n"
	);
	process.exit(1);
}
const root = join(__dirname, "..");
const folder = join(root, "services", name);
const contractFile = join(root, "schemas", `${name}.contract.ts`);
if (existsSync(folder) || existsSync(contractFile)) {
	process.stderr.write(`The service ${name} already exists\n`);
	process.exit(1);
}
const camel = name.replace(/-(\w)/g, (_, c: string) => c.toUpperCase());
const contract = `import { action, contract } from "./kit/contract";
import * as r from "./kit/rules";

const view = r.obj({ id: r.id(), orders: r.int({ min: 0 }), since: r.time() });

export const ${camel} = contract("${camel}", {
	get: action({ userId: r.id() }, { repeatable: true }).returns(view)
});
`;
const service = `import { collection, storeMixin } from "../../mixins/store.mixin";
import { ${camel} } from "../../schemas/${name}.contract";
import { service } from "../../schemas/registry";

type Entry = { readonly _id: string; readonly orderIds: readonly string[]; readonly since: Date };

/** Counts the paid orders of each user. */
export default service(${camel}, {
	mixins: [storeMixin({ entries: collection<Entry>("${camel}") })],

	actions: {
		get: {
			async handler(ctx) {
				const { _id, orderIds, since } = await this.entries.get(ctx.params.userId);
				return { id: _id, orders: orderIds.length, since: since.toISOString() };
			}
		}
	},

	events: {
		// Facts are delivered at least once: the order's id in the set makes a second delivery a no-op.
		async "order.paid"(ctx) {
			const { userId, orderId } = ctx.params;
			await this.entries.insertOnce({ _id: userId, orderIds: [], since: new Date() }, { _id: userId });
			await this.entries.change({ _id: userId }, { $addToSet: { orderIds: orderId } });
		}
	}
});
`;
mkdirSync(folder);
writeFileSync(contractFile, contract);
writeFileSync(join(folder, `${name}.service.ts`), service);
process.stdout.write(
	`Wrote schemas/${name}.contract.ts and services/${name}/${name}.service.ts.\n` +
		`Next, add \`${camel}\` to \`contracts\` in schemas/registry.ts and run npm start. docs/tutorial.md goes on from there.\n`
);
