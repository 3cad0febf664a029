import { Context } from "moleculer";
import type * as SweepReservationsModule from "../../../services/inventory/sweep-reservations";
import type { InventoryContext } from "../../../services/inventory/inventory.context";
import type { OrdersContext } from "../../../services/orders/orders.context";
import type * as PlaceOnceModule from "../../../services/orders/place-once";
import type * as SweepDeadlinesModule from "../../../services/orders/sweep-deadlines";
import { StaffClient, unique } from "../../support/builders";
import { startShop, type Shop } from "../../support/shop";
import { aBuyer, aSkuInStock, getOrderStore } from "../../support/buyers";

let shop: Shop;
let staff: StaffClient;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
});
afterAll(() => shop.stop());

class Crash extends Error {}
const LATER = new Date(Date.now() + 3_600_000);
type Life = { left: number; readonly lastIsDone: boolean };

/** The target in a process that dies at its last operation, before or after doing it. */
function killAfter<T extends object>(life: Life, target: T, only: readonly string[]): T {
	return new Proxy(target, {
		get(_, name) {
			const member: unknown = Reflect.get(target, name);
			if (typeof member !== "function" || !only.includes(String(name))) return member;
			return async (...args: unknown[]): Promise<unknown> => {
				if (life.left <= 0) throw new Crash();
				life.left--;
				if (life.left > 0) return Reflect.apply(member, target, args) as unknown;
				if (life.lastIsDone) await Reflect.apply(member, target, args);
				throw new Crash();
			};
		}
	});
}

describe.each([
	["is not done", false],
	["is done", true]
])("placing an order, killed by an operation that %s", (_title, lastIsDone) => {
	it("ends either placed with its stock or gone without a trace", async () => {
		const { placeOnce } = require("../../../services/orders/place-once") as typeof PlaceOnceModule;
		const { sweepDeadlines } =
			require("../../../services/orders/sweep-deadlines") as typeof SweepDeadlinesModule;
		const { sweepUnfinishedChanges } =
			require("../../../services/inventory/sweep-reservations") as typeof SweepReservationsModule;
		const orders = shop.broker.getLocalService("orders") as unknown as OrdersContext;
		const inventory = shop.broker.getLocalService("inventory") as unknown as InventoryContext;
		const outcomes = new Set<string>();

		for (let left = 1; ; left++) {
			const skuId = await aSkuInStock(staff, 5, { limitPerUser: 2 }); // orders that failed must not count
			const buyer = await aBuyer(shop);
			const life = { left, lastIsDone };
			const dying: OrdersContext = {
				orders: killAfter(life, getOrderStore(shop), ["findOne", "find", "insert", "change", "get"]),
				purchases: killAfter(life, orders.purchases, ["findOne", "insertOnce", "change"]),
				refusals: orders.refusals,
				broker: shop.broker,
				logger: shop.broker.logger,
				metrics: orders.metrics,
				config: orders.config
			};
			const ctx = killAfter(life, new Context<unknown, object>(shop.broker), ["call"]);
			const request = {
				items: [{ skuId, quantity: 2 }],
				addressId: buyer.addressId,
				key: unique("order-")
			};

			const crashed = await placeOnce(dying, ctx, buyer.id, request).then(
				() => false,
				(err: unknown) => err instanceof Crash
			);
			await sweepDeadlines(orders, new Date(Date.now() + 61_000)); // past orders.creatingTimeout, before orders.paymentTimeout
			await sweepUnfinishedChanges(inventory, LATER);

			const { available, reserved } = await staff.mustSend("GET", `/admin/inventory/${skuId}`);
			const [order] = await getOrderStore(shop).find({ userId: buyer.id });
			const seen = (await buyer.call("orders.list", {})).items.length;
			const status = order?.status ?? "nothing";
			outcomes.add(status);
			expect([available, reserved, seen]).toEqual(status === "pending_payment" ? [3, 2, 1] : [5, 0, 0]);
			expect(["nothing", "failed", "pending_payment"]).toContain(status);
			expect(order?.slot !== undefined).toBe(status === "pending_payment");
			const again = await buyer.order(request.items, { key: request.key });
			expect([again.status, again.id === order?._id]).toEqual([
				"pending_payment",
				status === "pending_payment"
			]);
			if (!crashed) break;
			expect(left).toBeLessThan(50);
		}

		expect(outcomes).toContain("nothing");
		expect(outcomes).toContain("failed");
		expect(outcomes).toContain("pending_payment");
	});
});
