import fc from "fast-check";
import { closeInventory, openInventory } from "../../support/inventory-stores";
import { adjustStock, seedStock } from "../../../services/inventory/adjust-stock";
import { sweepUnfinishedChanges } from "../../../services/inventory/sweep-reservations";
import { sumAndSortDemand } from "../../../services/inventory/reservation.domain";
import type { ReservationContext } from "../../../services/inventory/inventory.context";
import { deductStock, releaseStock, returnStock } from "../../../services/inventory/reservation.transitions";
import { reserveStock } from "../../../services/inventory/reserve-stock";
import { sumLedger } from "../../../services/inventory/stock.domain";

let inventory: ReservationContext;
beforeAll(async () => {
	inventory = await openInventory();
});
afterAll(closeInventory);

const RUNS = Number(process.env["RUNS"] ?? 150);
const SHARES = 3;
const LATER = new Date(Date.now() + 3_600_000);
class Crash extends Error {}
/** Operations that a process has left before it dies, and whether the last of them is done. */
type Life = { left: number; readonly lastIsDone: boolean };
type Turn = () => Promise<void>;

/** The stores of a process with this life; every operation waits for its turn. */
function openForLife(life: Life, turn: Turn): ReservationContext {
	const killAtEnd = <S extends object>(store: S): S =>
		new Proxy(store, {
			get(target, name) {
				const member: unknown = Reflect.get(target, name);
				if (typeof member !== "function") return member;
				return async (...args: unknown[]): Promise<unknown> => {
					await turn();
					if (life.left <= 0) throw new Crash();
					life.left--;
					if (life.left > 0 || life.lastIsDone) {
						const done: unknown = await Reflect.apply(member, target, args);
						if (life.left > 0) return done;
					}
					throw new Crash();
				};
			}
		});
	const { stock, ledger, reservations, config, announceChange } = inventory;
	return {
		stock: killAtEnd(stock),
		ledger: killAtEnd(ledger),
		reservations: killAtEnd(reservations),
		config,
		announceChange
	};
}

const order = fc.nat({ max: 2 });
const command = fc.oneof(
	{
		weight: 4,
		arbitrary: fc.record({
			do: fc.constant("reserve" as const),
			order,
			lines: fc.array(
				fc.record({ sku: fc.nat({ max: 2 }), quantity: fc.integer({ min: 1, max: 4 }) }),
				{
					minLength: 1,
					maxLength: 3
				}
			)
		})
	},
	{ weight: 2, arbitrary: fc.record({ do: fc.constantFrom("release", "deduct", "return"), order }) },
	{
		weight: 1,
		arbitrary: fc.record({
			do: fc.constant("adjust" as const),
			sku: fc.nat({ max: 2 }),
			delta: fc.integer({ min: -3, max: 3 }).filter(n => n !== 0),
			key: fc.nat({ max: 2 })
		})
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("sweep" as const) }) }
);
const life = fc.oneof(
	fc.record({ left: fc.integer({ min: 1, max: 24 }), lastIsDone: fc.boolean() }),
	fc.constant({ left: Infinity, lastIsDone: true })
);
/** Concurrent processes, each of which runs its commands until it crashes. */
const processes = fc.array(fc.record({ life, commands: fc.array(command, { minLength: 1, maxLength: 4 }) }), {
	minLength: 1,
	maxLength: 3
});

let run = 0;
it("is in balance after any crashes, duplicates and interleavings, once the sweep has run", async () => {
	// Each run waits for its own writes most of the time, so some go on side by side.
	await Promise.all(Array.from({ length: SHARES }, () => checkRuns(RUNS / SHARES)));
});

const checkRuns = (numRuns: number) =>
	fc.assert(
		fc.asyncProperty(processes, fc.scheduler(), async (all, scheduler) => {
			const name = `r${run++}`;
			const skus = [0, 1, 2].map(n => `${name}-${n}`);
			await seedStock(
				inventory,
				skus.map(skuId => ({ skuId, available: 6 }))
			);
			const orderId = (n: number) => `${name}-order-${n}`;
			const act = (
				context: ReservationContext,
				c: (typeof all)[number]["commands"][number]
			): Promise<unknown> => {
				switch (c.do) {
					case "reserve": {
						const lines = sumAndSortDemand(
							c.lines.map(l => ({ skuId: `${name}-${l.sku}`, quantity: l.quantity }))
						);
						return reserveStock(context, orderId(c.order), lines, LATER);
					}
					case "release":
						return releaseStock(context, orderId(c.order));
					case "deduct":
						return deductStock(context, orderId(c.order));
					case "return":
						return returnStock(context, orderId(c.order));
					case "adjust":
						return adjustStock(context, `${name}-${c.sku}`, {
							delta: c.delta,
							cause: `adjust:u:${c.key}`,
							by: "u",
							reason: "count"
						});
					case "sweep":
						return sweepUnfinishedChanges(context, LATER); // while the others are still alive
				}
			};

			const lives = all.map(async ({ life, commands }) => {
				const context = openForLife({ ...life }, async () => {
					await scheduler.schedule(Promise.resolve());
				});
				for (const c of commands) await act(context, c).catch(() => undefined);
			});
			await scheduler.waitFor(Promise.all(lives));
			await sweepUnfinishedChanges(inventory, LATER);
			await sweepUnfinishedChanges(inventory, LATER);

			const reservations = await inventory.reservations.find({ _id: { $in: [0, 1, 2].map(orderId) } });
			expect(reservations.map(r => r.state).filter(state => state.endsWith("ing"))).toEqual([]);
			for (const sku of skus) {
				const { available, reserved, sold, inFlight } = await inventory.stock.get(sku);
				const units = (state: (s: (typeof reservations)[number]) => boolean) =>
					reservations
						.filter(state)
						.flatMap(r => r.lines)
						.filter(l => l.skuId === sku)
						.reduce((sum, l) => sum + l.quantity, 0);
				const rows = await inventory.ledger.find({ skuId: sku });
				expect(inFlight).toEqual([]);
				expect(Math.min(available, reserved, sold)).toBeGreaterThanOrEqual(0);
				expect(sumLedger(rows)).toEqual({ available, reserved, sold });
				expect(reserved).toBe(units(r => r.state === "open"));
				expect(sold).toBe(units(r => r.state === "deducted"));
				for (const { type, quantity, before, after } of rows)
					expect(sumLedger([{ type, quantity }])).toEqual({
						available: after.available - before.available,
						reserved: after.reserved - before.reserved,
						sold: after.sold - before.sold
					});
			}
		}),
		{ numRuns }
	);
