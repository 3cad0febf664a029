import fc from "fast-check";
import { Admission } from "./admission-queue";

/** Works that end when they are told to. */
function works(admission: Admission) {
	const log: string[] = [];
	const ends = new Map<number, () => void>();
	const come = (n: number) =>
		admission
			.visit()
			.arrive(async () => {
				log.push(`in ${n}`);
				await new Promise<void>(end => ends.set(n, end));
			})
			.then(
				() => log.push(`out ${n}`),
				(err: unknown) => log.push(`${String((err as { type?: string }).type)} ${n}`)
			);
	return { log, come, end: (n: number) => ends.get(n)?.() };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it("lets in so many at a time, and the others in the order in which they came", async () => {
	const { log, come, end } = works(new Admission(2, 1000));
	const coming = [1, 2, 3, 4].map(come);

	await jest.advanceTimersByTimeAsync(0);
	const first = [...log];
	end(2);
	await jest.advanceTimersByTimeAsync(0);
	const second = [...log];
	for (const n of [1, 3]) end(n);
	await jest.advanceTimersByTimeAsync(0);
	end(4);
	await Promise.all(coming);

	expect(first).toEqual(["in 1", "in 2"]);
	expect(new Set(second)).toEqual(new Set(["in 1", "in 2", "out 2", "in 3"]));
	expect(log.filter(entry => entry.startsWith("in"))).toEqual(["in 1", "in 2", "in 3", "in 4"]);
});

it("tells those to come again whose turn does not come in time, and keeps no place for them", async () => {
	const { log, come, end } = works(new Admission(1, 1000));
	const coming = [1, 2].map(come);

	await jest.advanceTimersByTimeAsync(1000);
	end(1);
	await Promise.all(coming);
	const third = come(3);
	await jest.advanceTimersByTimeAsync(0);
	end(3);
	await third;

	expect(log).toEqual(["in 1", "SERVICE_UNAVAILABLE 2", "out 1", "in 3", "out 3"]);
});

it("tells those at once who would wait too long, by the pace of those before, and when to come again", async () => {
	const admission = new Admission(1, 3000);
	const come = async () => {
		const visit = admission.visit();
		await visit.arrive(() => Promise.resolve());
		await visit.finish(() => new Promise<void>(done => setTimeout(done, 500)));
	};
	const coming = Array.from({ length: 40 }, () => come().catch(() => undefined));
	await jest.advanceTimersByTimeAsync(2900); // the first ones are through, the others about to give up
	const more = Array.from({ length: 12 }, () => come().catch((err: unknown) => err));

	const told = await Promise.race([...more, jest.advanceTimersByTimeAsync(50).then(() => "nobody")]);
	await jest.advanceTimersByTimeAsync(40 * 500);
	await Promise.all([...coming, ...more]);

	expect(told).toMatchObject({ type: "SERVICE_UNAVAILABLE" });
	const { retryAfter } = (told as { data: { retryAfter: number } }).data;
	expect(retryAfter).toBeGreaterThan(3);
});

it("lets those first who were inside before, and what they do between takes no place", async () => {
	const admission = new Admission(1, 1000);
	const log: string[] = [];
	const ends = Promise.withResolvers<void>();
	const note = (entry: string) => async () => void log.push(entry);
	const [first, second, third] = [admission.visit(), admission.visit(), admission.visit()];
	await first.arrive(note("first arrives"));

	const inside = second.arrive(() => ends.promise);
	const coming = [third.arrive(note("third arrives")), first.finish(note("first finishes"))];
	await jest.advanceTimersByTimeAsync(0);
	const before = [...log];
	ends.resolve();
	await Promise.all([inside, ...coming]);

	expect(before).toEqual(["first arrives"]);
	expect(log).toEqual(["first arrives", "first finishes", "third arrives"]);
});

it("counts the patience from when the visit began", async () => {
	const admission = new Admission(1, 1000);
	const visit = admission.visit();
	await visit.arrive(() => Promise.resolve());
	await jest.advanceTimersByTimeAsync(600);
	const other = admission.visit().arrive(() => new Promise<void>(done => setTimeout(done, 5000)));

	const told = visit.finish(() => Promise.resolve("in")).catch((err: unknown) => err);
	const answer = await Promise.race([told, jest.advanceTimersByTimeAsync(401).then(() => "nobody")]);
	await jest.advanceTimersByTimeAsync(5000);
	await other;

	expect(answer).toMatchObject({ type: "SERVICE_UNAVAILABLE" });
});

it("never has more inside than may be, loses no place, and answers everybody", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.integer({ min: 1, max: 4 }),
			fc.array(fc.record({ ms: fc.integer({ min: 0, max: 300 }), fails: fc.boolean() }), {
				maxLength: 30
			}),
			async (atOnce, visits) => {
				const admission = new Admission(atOnce, 200);
				let inside = 0;
				let most = 0;

				const work = (ms: number, fails: boolean) => async () => {
					most = Math.max(most, ++inside);
					await new Promise(done => setTimeout(done, ms));
					inside--;
					if (fails) throw new Error("work failed");
				};
				const come = async ({ ms, fails }: { ms: number; fails: boolean }) => {
					const visit = admission.visit();
					await visit.arrive(work(ms / 4, fails));
					await visit.finish(work(ms, fails));
				};

				const answers = visits.map(visit => come(visit).catch(String));
				await jest.advanceTimersByTimeAsync(400 * 31);
				await Promise.all(answers);

				expect(most).toBe(Math.min(atOnce, visits.length));
				expect(await admission.visit().arrive(() => Promise.resolve(inside))).toBe(0);
			}
		),
		{ numRuns: 50 }
	);
});
