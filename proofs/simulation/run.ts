import fc from "fast-check";
import { Scheduler } from "./scheduler";
import { World, type Deed } from "./world";

const n = fc.integer({ min: 0, max: 2 });
const k = fc.integer({ min: 0, max: 1 });
const deed: fc.Arbitrary<Deed> = fc.oneof(
	{
		weight: 4,
		arbitrary: fc.record({
			do: fc.constant("order" as const),
			n,
			quantity: fc.integer({ min: 1, max: 2 })
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
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("crash" as const) }) }
);

/** A life of the shop: its deeds, and who is let go when. */
export const life = fc.record({
	units: fc.integer({ min: 0, max: 4 }),
	deeds: fc.array(deed, { minLength: 1, maxLength: 10 }),
	picks: fc.array(fc.nat(), { minLength: 20, maxLength: 60 })
});

/** Lives it and answers what is wrong in the end. */
export async function lived({
	units,
	deeds,
	picks
}: {
	units: number;
	deeds: readonly Deed[];
	picks: readonly number[];
}): Promise<string[]> {
	const scheduler = new Scheduler(picks);
	const world = new World(scheduler, units);
	const left = [...deeds];
	await scheduler.run(() => {
		if (scheduler.pick(3) === 0) world.deliver();
		const next = scheduler.pick(3) === 0 ? left.shift() : undefined;
		if (next) world.begun(next);
	});
	for (const next of left) {
		world.begun(next);
		await scheduler.run(() => {
			if (scheduler.pick(2) === 0) world.deliver();
		});
	}
	await world.rest();
	return world.wrongs();
}

/** Fails with the shrunk counterexample and the seed that replays it. */
export async function simulate(numRuns: number, seed?: number): Promise<void> {
	await fc.assert(
		fc.asyncProperty(life, async given => {
			const wrongs = await lived(given);
			if (wrongs.length) throw new Error(wrongs.join("; "));
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
	const runs = Number(process.env["SIMULATION_RUNS"] ?? 200_000);
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
