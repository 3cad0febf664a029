import { toCamel, toPascal } from "./service-name";

const contractOf = (name: string) => `import { action, contract } from "./kit/contract";
import * as r from "./kit/rules";

const view = r.obj("${toPascal(name)}", { orders: r.int({ min: 0 }), since: r.orNull(r.time()) });

export const ${toCamel(name)} = contract("${toCamel(name)}", {
	mine: action({})
		.returns(view)
		.rest("GET /me/${name}", "user", "How often the signed-in user has bought, and since when")
});
`;

const serviceOf = (name: string) => `import { collection, storeMixin } from "../../mixins/store.mixin";
import { ${toCamel(name)} } from "../../schemas/${name}.contract";
import { requireUserId } from "../../schemas/kit/caller";
import { service } from "../../schemas/registry";

type Entry = { readonly _id: string; readonly orderIds: readonly string[]; readonly since: Date };

/** Counts the paid orders of each user. */
export default service(${toCamel(name)}, {
	mixins: [storeMixin({ entries: collection<Entry>("${name.replaceAll("-", "_")}") })],

	actions: {
		mine: {
			async handler(ctx) {
				const entry = await this.entries.findOne({ _id: requireUserId(ctx) });
				return { orders: entry?.orderIds.length ?? 0, since: entry?.since.toISOString() ?? null };
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

const testOf = (name: string) => `import { backends } from "../../../infrastructure/backends";
import { registerPerson } from "../../support/people";
import { startShop, type Shop } from "../../support/shop";
import { until } from "../../support/until";

let shop: Shop;
beforeAll(async () => {
	shop = await startShop({}, ["api", "config", "auth", "users", "audit", "sandbox", "${name}"]);
});
afterAll(() => shop.stop());

it("counts an order once, however often it hears that it was paid", async () => {
	const { accessToken: token, user } = await registerPerson(shop);
	const paid = { orderId: "O1", userId: user.id, paymentId: "P1", total: 12_345, lines: [] };
	const told = (id: string) => ({ id, event: "order.paid", payload: paid, at: new Date() });

	await backends.facts(shop.broker.logger).publish([told("F1"), told("F2"), told("F1")]);
	const mine = async () => (await shop.http("GET", "/me/${name}", { token })).body.data;
	await until("the order is counted", async () => (await mine()).orders > 0);

	await backends.facts(shop.broker.logger).publish([told("F3")]);
	await until("all facts are handled", async () =>
		(await backends.facts(shop.broker.logger).lag()).every(({ pending }) => pending === 0)
	);
	expect(await mine()).toMatchObject({ orders: 1 });
});
`;

/** The files of a service in this repository, by their paths. */
export const listServiceFiles = (name: string): Readonly<Record<string, string>> => ({
	[`schemas/${name}.contract.ts`]: contractOf(name),
	[`services/${name}/${name}.service.ts`]: serviceOf(name),
	[`tests/shop/${name}/${name}.test.ts`]: testOf(name)
});
