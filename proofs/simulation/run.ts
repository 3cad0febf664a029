import fc from "fast-check";
import { ACTS } from "./after-sales";
import type { Offers } from "./goods";
import { Scheduler } from "./scheduler";
import { World, type Action } from "./world";

const n = fc.integer({ min: 0, max: 2 });
const k = fc.integer({ min: 0, max: 1 });
const offerFlags = { coupon: fc.boolean(), points: fc.boolean(), flashSale: fc.boolean() };
const NO_OFFERS = { coupon: false, points: false, flashSale: false };
const action: fc.Arbitrary<Action> = fc.oneof(
	{
		weight: 4,
		arbitrary: fc.record({
			do: fc.constantFrom("order" as const, "order" as const, "order" as const, "orderAll" as const),
			n,
			quantity: fc.integer({ min: 1, max: 2 }),
			...offerFlags
		})
	},
	{
		weight: 5,
		arbitrary: fc.record({
			do: fc.constant("money" as const),
			n,
			k,
			amount: fc.constantFrom("right", "right", "right", "wrong")
		})
	},
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constantFrom("cancel" as const, "adminCancel" as const, "sweep" as const),
			n
		})
	},
	{
		weight: 2,
		arbitrary: fc.record({ do: fc.constant("refund" as const), n, k, part: fc.constantFrom(40, 70, 100) })
	},
	{
		weight: 5,
		arbitrary: fc.record({
			do: fc.constantFrom("case" as const, ...ACTS),
			n,
			quantity: fc.integer({ min: 1, max: 2 })
		})
	},
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("crash" as const) }) }
);

/**
 * A life of the shop: its stock, the actions, and the order in which waiting steps go on. Where units were `bought` before it
 * begins, an order of them is paid already.
 */
export const scenario = fc.record({
	bought: fc.integer({ min: 0, max: 3 }),
	boughtWith: fc.oneof(fc.constant(NO_OFFERS), fc.record(offerFlags)),
	units: fc.integer({ min: 0, max: 4 }),
	actions: fc.array(action, { minLength: 1, maxLength: 10 }),
	picks: fc.array(fc.nat(), { minLength: 20, maxLength: 60 })
});

/** Has an order of these units placed and paid. */
async function buy(scheduler: Scheduler, world: World, quantity: number, offers: Offers): Promise<void> {
	const steps: readonly Action[] = [
		{ do: "order", n: 0, quantity, ...offers },
		{ do: "money", n: 0, k: 0, amount: "right" }
	];
	for (const step of steps) {
		world.start(step);
		for (let turn = 0; turn < 4; turn++) {
			await scheduler.run();
			world.deliver();
		}
	}
	await scheduler.run();
}

/** Runs a life and answers the violations found at its end. */
export async function runScenario({
	bought,
	boughtWith,
	units,
	actions,
	picks
}: {
	bought: number;
	boughtWith: Offers;
	units: number;
	actions: readonly Action[];
	picks: readonly number[];
}): Promise<string[]> {
	const scheduler = new Scheduler(picks);
	const world = new World(scheduler, units + bought);
	if (bought > 0) await buy(scheduler, world, bought, boughtWith);
	const left = [...actions];
	await scheduler.run(() => {
		if (scheduler.pick(3) === 0) world.deliver();
		const next = scheduler.pick(3) === 0 ? left.shift() : undefined;
		if (next) world.start(next);
	});
	for (const next of left) {
		world.start(next);
		await scheduler.run(() => {
			if (scheduler.pick(2) === 0) world.deliver();
		});
	}
	await world.bringToRest();
	return world.findViolations();
}

/** Fails with the shrunk counterexample and the seed that replays it. */
export async function simulate(numRuns: number, seed?: number): Promise<void> {
	await fc.assert(
		fc.asyncProperty(scenario, async given => {
			const violations = await runScenario(given);
			if (violations.length) throw new Error(violations.join("; "));
		}),
		{
			numRuns,
			...(seed !== undefined && { seed }),
			interruptAfterTimeLimit: 1_500_000,
			markInterruptAsFailure: true
		}
	);
}

if (require.main === module) {
	const runs = Number(process.env["SIMULATION_RUNS"] ?? 100_000);
	Error.stackTraceLimit = 0; // refusals are most of the errors, and nobody reads where they were made
	const at = performance.now();
	simulate(runs).then(
		() =>
			process.stdout.write(
				`${runs} lives, nothing wrong, ${Math.round((performance.now() - at) / 1000)} s\n`
			),
		(err: unknown) => {
			const { message, cause } = err as Error;
			process.stdout.write(`${message}\n${cause instanceof Error ? cause.message : ""}\n`);
			process.exitCode = 1;
		}
	);
}
