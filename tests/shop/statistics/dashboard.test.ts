import fc from "fast-check";
import { encodeTime } from "ulid";
import type * as BackendsModule from "../../../infrastructure/backends";
import type * as OutboxModule from "../../../infrastructure/documents/outbox";
import type * as StoreModule from "../../../infrastructure/documents/store";
import type { Doc } from "../../../infrastructure/documents/collection";
import { beijingDay } from "../../../schemas/values/beijing-day";
import type * as CountModule from "../../../services/statistics/count-rows";
import type * as TopModule from "../../../services/statistics/find-top-products";
import type * as RecordModule from "../../../services/statistics/record-facts";
import type { StatisticsContext } from "../../../services/statistics/statistics.context";
import { StaffClient, unique } from "../../support/builders";
import { startShop, type Shop } from "../../support/shop";
import { Shopper } from "../../support/shopper";
import { until } from "../../support/until";

let shop: Shop;
let staff: StaffClient;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
});
afterAll(() => shop.stop());

const dashboard = (days = 7) => staff.mustSend("GET", `/admin/dashboard?days=${days}`);

async function aBuyer(): Promise<Shopper> {
	return new Shopper(shop, (await shop.register(`137${String(Math.random()).slice(2, 10)}`)).token);
}

it("says what the orders say: placed, paid, sent back, the products that sold, and what waits", async () => {
	const usersBefore = (await dashboard()).today.newUsers;
	const [tea, cup] = [await staff.addProductOnShelf(), await staff.addProductOnShelf()];
	for (const product of [tea, cup]) await staff.addStock(product.skus[0].id, 100);
	const buyers = [await aBuyer(), await aBuyer()] as const;
	const buy = async (buyer: Shopper, product: typeof tea, quantity: number) => {
		const order = await buyer.order(product.skus[0].id, quantity);
		const { paymentNo, id } = await buyer.createPayment(order.id);
		await buyer.payAtChannel(paymentNo);
		return { order, paymentId: id };
	};
	await buyers[0].order(tea.skus[0].id, 1);
	const cancelled = await buyers[1].order(tea.skus[0].id, 1);
	await buyers[1].mustSend("POST", `/orders/${cancelled.id}/cancel`, {});
	const [first, second, third] = [
		await buy(buyers[0], tea, 3),
		await buy(buyers[1], cup, 2),
		await buy(buyers[1], tea, 1)
	];
	await until("the orders to be paid", async () => (await dashboard()).today.paid === 3);
	const refund = { amount: 300, reason: "差价" };
	await staff.shop.http("POST", `/admin/payments/${first.paymentId}/refund`, {
		token: staff.token,
		key: unique("refund-"),
		body: refund
	});
	await staff.mustSend("POST", `/admin/orders/${third.order.id}/cancel`, { reason: "缺货" });

	const orders = async (): Promise<any[]> =>
		Promise.all(
			(await staff.mustSend("GET", "/admin/orders?pageSize=100")).items.map(({ id }: { id: string }) =>
				staff.mustSend("GET", `/admin/orders/${id}`)
			)
		);
	await until("the refunds to end", async () => {
		const sum = (await orders()).reduce((all, { refundedTotal }) => all + refundedTotal, 0);
		return sum === 300 + third.order.total && (await dashboard()).today.refunds === sum;
	});
	const said = await orders();
	const paid = said.filter(({ paidAt }) => paidAt !== null);
	const soldOf = (product: { id: string }) =>
		paid.flatMap(({ items }) => items).filter(({ productId }) => productId === product.id);
	const sumOf = (items: any[], field: string) => items.reduce((all, item) => all + item[field], 0);

	const { today, series, topProducts, waiting } = await dashboard(30);
	expect(today).toEqual({
		orders: said.length,
		paid: paid.length,
		revenue: sumOf(paid, "total"),
		refunds: sumOf(said, "refundedTotal"),
		newUsers: usersBefore + 2
	});
	expect(series).toHaveLength(30);
	const { newUsers: _newUsers, ...figures } = today;
	expect(series.at(-1)).toEqual({ date: beijingDay(new Date()), ...figures });
	expect(series[0]).toMatchObject({ orders: 0, revenue: 0 });
	expect(topProducts).toEqual([
		{
			productId: tea.id,
			name: tea.name,
			units: sumOf(soldOf(tea), "quantity"),
			revenue: sumOf(soldOf(tea), "amount")
		},
		{ productId: cup.id, name: cup.name, units: 2, revenue: second.order.itemsTotal }
	]);
	expect(waiting).toMatchObject({ toShip: 2, lowStock: expect.any(Number), deadLetters: 0 });
});

it("is for staff alone, and knows two periods", async () => {
	expect((await shop.http("GET", "/admin/dashboard", { token: await shop.asUser() })).status).toBe(403);
	expect((await staff.send("GET", "/admin/dashboard?days=8")).status).toBe(400);
});

/** What happened to one order; days are numbers from a first one, money is in fen. */
const orderLife = fc.record({
	placed: fc.integer({ min: 0, max: 2 }),
	paidAfter: fc.option(fc.integer({ min: 0, max: 1 }), { nil: null }),
	lines: fc.array(
		fc.record({ product: fc.constantFrom("a", "b", "c"), quantity: fc.integer({ min: 1, max: 3 }) }),
		{ minLength: 1, maxLength: 3 }
	),
	refunds: fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 3 })
});

it("counts the same when all facts come again from zero, twice each, in any order, by two processes", async () => {
	const FIRST = Date.parse("2026-01-01T00:00:00+08:00");
	const timeOn = (day: number) => new Date(FIRST + day * 86_400_000 + 3_600_000);
	let run = 0;
	const { countNewRows } = require("../../../services/statistics/count-rows") as typeof CountModule;
	const { findTopProducts } = require("../../../services/statistics/find-top-products") as typeof TopModule;
	const { recordPlaced, recordPaid, recordRefunded } =
		require("../../../services/statistics/record-facts") as typeof RecordModule;

	await fc.assert(
		fc.asyncProperty(
			fc.array(orderLife, { minLength: 1, maxLength: 6 }),
			fc.infiniteStream(fc.nat()),
			async (lives, random) => {
				const context = openStores(`t${run++}`);
				const days = new Map<
					string,
					{ orders: number; paid: number; revenue: number; refunds: number }
				>();
				const on = (day: number) => {
					const date = beijingDay(timeOn(day));
					const known = days.get(date) ?? { orders: 0, paid: 0, revenue: 0, refunds: 0 };
					days.set(date, known);
					return known;
				};
				const sold = new Map<string, number>();
				const facts = lives.flatMap(({ placed, paidAfter, lines, refunds }, n) => {
					const orderId = `${encodeTime(timeOn(placed).getTime(), 10)}${String(n).padStart(16, "0")}`;
					on(placed).orders++;
					const created = () => recordPlaced(context, { orderId } as never);
					if (paidAfter === null) return [created];
					const paidOn = placed + paidAfter;
					const bought = lines.map(({ product, quantity }) => ({
						skuId: `${product}-1`,
						productId: product,
						quantity,
						amount: quantity * 100
					}));
					const total = bought.reduce((sum, { amount }) => sum + amount, 0);
					on(paidOn).paid++;
					on(paidOn).revenue += total;
					for (const { productId, amount } of bought)
						sold.set(productId, (sold.get(productId) ?? 0) + amount);
					const payment = { orderId, total, paidAt: timeOn(paidOn).toISOString(), lines: bought };
					let refunded = 0;
					const marks = refunds.map((amount, i) => {
						refunded += amount;
						on(paidOn + i).refunds += amount;
						const all = refunded;
						return () => recordRefunded(context, orderId, all, timeOn(paidOn + i));
					});
					return [created, () => recordPaid(context, payment as never, new Date(0)), ...marks];
				});
				const twice = [...facts, ...facts];
				for (let n = twice.length - 1; n > 0; n--) {
					const other = (random.next().value as number) % (n + 1);
					[twice[n], twice[other]] = [twice[other]!, twice[n]!];
				}

				for (const [n, deliver] of twice.entries()) {
					await deliver();
					if (n % 5 === 0) await Promise.all([countNewRows(context), countNewRows(context)]);
				}
				await countNewRows(context);

				const counted = new Map((await context.days.find({})).map(day => [day._id, day]));
				for (const date of new Set([...days.keys(), ...counted.keys()])) {
					const { orders = 0, paid = 0, revenue = 0, refunds = 0 } = counted.get(date) ?? {};
					expect([date, { orders, paid, revenue, refunds }]).toEqual([
						date,
						days.get(date) ?? { orders: 0, paid: 0, revenue: 0, refunds: 0 }
					]);
				}
				const top = await findTopProducts(context, [...days.keys()]);
				expect(new Map(top.map(({ productId, revenue }) => [productId, revenue]))).toEqual(sold);
			}
		),
		{ numRuns: 12 }
	);
});

/** Stores of a statistics service with nothing in them, in the shop's own database. */
function openStores(name: string): StatisticsContext {
	const { backends } = require("../../../infrastructure/backends") as typeof BackendsModule;
	const { Store } = require("../../../infrastructure/documents/store") as typeof StoreModule;
	const { Outbox } = require("../../../infrastructure/documents/outbox") as typeof OutboxModule;
	const quiet = { info() {}, warn() {}, error() {}, debug() {} };
	const store = <T extends Doc>(what: string) => {
		const documents = backends.collection<T>(`${name}_${what}`);
		const outbox = new Outbox(backends.collection(`${name}_${what}`), backends.facts(quiet), quiet);
		return new Store(documents, outbox, what);
	};
	return {
		rows: store("rows"),
		days: store("days"),
		products: store("products"),
		refunds: store("refunds")
	};
}
