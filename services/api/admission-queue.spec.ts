import fc from "fast-check";
import { AdmissionQueue } from "./admission-queue";

/** Requests whose first phase runs until `end` is called. */
function requests(queue: AdmissionQueue) {
	const log: string[] = [];
	const ends = new Map<number, () => void>();
	const send = (n: number) =>
		queue
			.register()
			.runFirstPhase(async () => {
				log.push(`in ${n}`);
				await new Promise<void>(end => ends.set(n, end));
			})
			.then(
				() => log.push(`out ${n}`),
				(err: unknown) => log.push(`${String((err as { type?: string }).type)} ${n}`)
			);
	return { log, send, end: (n: number) => ends.get(n)?.() };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it("runs at most as many as there are permits, and the others in the order in which they came", async () => {
	const { log, send, end } = requests(new AdmissionQueue(2, 1000));
	const sent = [1, 2, 3, 4].map(send);

	await jest.advanceTimersByTimeAsync(0);
	const first = [...log];
	end(2);
	await jest.advanceTimersByTimeAsync(0);
	const second = [...log];
	for (const n of [1, 3]) end(n);
	await jest.advanceTimersByTimeAsync(0);
	end(4);
	await Promise.all(sent);

	expect(first).toEqual(["in 1", "in 2"]);
	expect(new Set(second)).toEqual(new Set(["in 1", "in 2", "out 2", "in 3"]));
	expect(log.filter(entry => entry.startsWith("in"))).toEqual(["in 1", "in 2", "in 3", "in 4"]);
});

it("refuses requests that waited too long, and keeps no permit for them", async () => {
	const { log, send, end } = requests(new AdmissionQueue(1, 1000));
	const sent = [1, 2].map(send);

	await jest.advanceTimersByTimeAsync(1000);
	end(1);
	await Promise.all(sent);
	const third = send(3);
	await jest.advanceTimersByTimeAsync(0);
	end(3);
	await third;

	expect(log).toEqual(["in 1", "SERVICE_UNAVAILABLE 2", "out 1", "in 3", "out 3"]);
});

it("refuses at once what would wait too long at the measured pace, with the time to come again", async () => {
	const queue = new AdmissionQueue(1, 3000);
	const send = async () => {
		const request = queue.register();
		await request.runFirstPhase(() => Promise.resolve());
		await request.runSecondPhase(() => new Promise<void>(done => setTimeout(done, 500)));
	};
	const sent = Array.from({ length: 40 }, () => send().catch(() => undefined));
	await jest.advanceTimersByTimeAsync(2900); // the first ones are through, the others about to give up
	const more = Array.from({ length: 12 }, () => send().catch((err: unknown) => err));

	const refused = await Promise.race([...more, jest.advanceTimersByTimeAsync(50).then(() => "nobody")]);
	await jest.advanceTimersByTimeAsync(40 * 500);
	await Promise.all([...sent, ...more]);

	expect(refused).toMatchObject({ type: "SERVICE_UNAVAILABLE" });
	const { retryAfter } = (refused as { data: { retryAfter: number } }).data;
	expect(retryAfter).toBeGreaterThan(3);
});

it("lets second phases go first, and holds no permit between the phases", async () => {
	const queue = new AdmissionQueue(1, 1000);
	const log: string[] = [];
	const ends = Promise.withResolvers<void>();
	const record = (entry: string) => async () => void log.push(entry);
	const [first, second, third] = [queue.register(), queue.register(), queue.register()];
	await first.runFirstPhase(record("first, phase 1"));

	const running = second.runFirstPhase(() => ends.promise);
	const sent = [
		third.runFirstPhase(record("third, phase 1")),
		first.runSecondPhase(record("first, phase 2"))
	];
	await jest.advanceTimersByTimeAsync(0);
	const before = [...log];
	ends.resolve();
	await Promise.all([running, ...sent]);

	expect(before).toEqual(["first, phase 1"]);
	expect(log).toEqual(["first, phase 1", "first, phase 2", "third, phase 1"]);
});

it("counts the wait from the registration on", async () => {
	const queue = new AdmissionQueue(1, 1000);
	const request = queue.register();
	await request.runFirstPhase(() => Promise.resolve());
	await jest.advanceTimersByTimeAsync(600);
	const other = queue.register().runFirstPhase(() => new Promise<void>(done => setTimeout(done, 5000)));

	const refused = request.runSecondPhase(() => Promise.resolve("in")).catch((err: unknown) => err);
	const answer = await Promise.race([refused, jest.advanceTimersByTimeAsync(401).then(() => "nobody")]);
	await jest.advanceTimersByTimeAsync(5000);
	await other;

	expect(answer).toMatchObject({ type: "SERVICE_UNAVAILABLE" });
});

it("never runs more than it has permits, loses no permit, and answers every request", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.integer({ min: 1, max: 4 }),
			fc.array(fc.record({ ms: fc.integer({ min: 0, max: 300 }), fails: fc.boolean() }), {
				maxLength: 30
			}),
			async (permits, phases) => {
				const queue = new AdmissionQueue(permits, 200);
				let running = 0;
				let most = 0;

				const work = (ms: number, fails: boolean) => async () => {
					most = Math.max(most, ++running);
					await new Promise(done => setTimeout(done, ms));
					running--;
					if (fails) throw new Error("work failed");
				};
				const send = async ({ ms, fails }: { ms: number; fails: boolean }) => {
					const request = queue.register();
					await request.runFirstPhase(work(ms / 4, fails));
					await request.runSecondPhase(work(ms, fails));
				};

				const answers = phases.map(phase => send(phase).catch(String));
				await jest.advanceTimersByTimeAsync(400 * 31);
				await Promise.all(answers);

				expect(most).toBe(Math.min(permits, phases.length));
				expect(await queue.register().runFirstPhase(() => Promise.resolve(running))).toBe(0);
			}
		),
		{ numRuns: 50 }
	);
});
