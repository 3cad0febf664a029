import { parseArgs } from "node:util";
import { LIVES } from "./scenarios";
import { Lane, type Point, type Result } from "./crashing-shop";

const HELP = `npm run test:crash [-- options]: finds every step that the lives of an order pass, kills the shop before and after each,
starts it again, and looks whether all is well within 30 s.

  --mode m       embedded or servers (both, one after the other)
  --only regex   just the steps that match
Ends with 0 when all is well at every point.`;

type Mode = "embedded" | "servers";
const LANES: Readonly<Record<Mode, number>> = { embedded: 4, servers: 3 };

async function discover(lane: Lane, only: RegExp): Promise<Point[]> {
	const known = new Set<string>();
	const points: Point[] = [];
	for (const life of LIVES) {
		const fresh = (await lane.stepsOf(life)).filter(step => !known.has(step) && only.test(step));
		for (const step of fresh) {
			known.add(step);
			points.push({ life, when: "before", step }, { life, when: "after", step });
		}
		process.stdout.write(`${life.name}: ${fresh.length} steps\n`);
	}
	return points;
}

/** Kills at every point, several shops side by side; answers the results and what is wrong in the end. */
async function run(mode: Mode, only: RegExp): Promise<boolean> {
	const lanes = await Promise.all(Array.from({ length: LANES[mode] }, () => Lane.open(mode === "servers")));
	try {
		const [first] = lanes;
		if (!first) throw new Error("No lane");
		const points = await discover(first, only);
		const results: Result[] = [];
		const queue = [...points];
		const work = async (lane: Lane) => {
			for (let point = queue.shift(); point; point = queue.shift()) {
				let result = await lane.crash(point);
				// A step of a race may be left out once.
				for (let again = 0; result.wrong[0] === "was not reached" && again < 2; again++)
					result = await lane.crash(point);
				results.push(result);
				const { when, step, ms, wrong } = result;
				const verdict = wrong.length ? `WRONG ${wrong.join("; ")}` : `ok ${ms} ms`;
				process.stdout.write(
					`${mode} ${results.length}/${points.length} ${when} ${step}: ${verdict}\n`
				);
			}
		};
		await Promise.all(lanes.map(work));
		const found = (await Promise.all(lanes.map(lane => lane.judged()))).flat();
		process.stdout.write(`${table(mode, results)}\n`);
		for (const what of found) process.stdout.write(`WRONG ${what}\n`);
		return !found.length && results.length > 0 && results.every(({ wrong }) => !wrong.length);
	} finally {
		await Promise.all(lanes.map(lane => lane.close()));
	}
}

function table(mode: Mode, results: readonly Result[]): string {
	const steps = [...new Set(results.map(({ step }) => step))].sort();
	const cell = (step: string, when: Point["when"]) => {
		const result = results.find(r => r.step === step && r.when === when);
		return (result?.wrong.length ? "WRONG" : `${result?.ms ?? "-"}`).padStart(8);
	};
	const width = Math.max(...steps.map(step => step.length), 20);
	const right = results.filter(({ wrong }) => !wrong.length);
	return [
		`${`${mode}: killed at`.padEnd(width)}  before   after  (ms until all is well, from the restart)`,
		...steps.map(step => `${step.padEnd(width)}${cell(step, "before")}${cell(step, "after")}`),
		`${right.length} of ${results.length} points are well; the slowest took ${Math.max(...right.map(({ ms }) => ms ?? 0))} ms`
	].join("\n");
}

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			help: { type: "boolean", default: false },
			mode: { type: "string" },
			only: { type: "string", default: "" }
		}
	});
	if (values.help) return void process.stdout.write(`${HELP}\n`);
	const modes = (["embedded", "servers"] as const).filter(mode => (values.mode ?? mode) === mode);
	if (!modes.length) throw new Error(`--mode is embedded or servers, not ${values.mode}`);
	for (const mode of modes) if (!(await run(mode, new RegExp(values.only)))) process.exitCode = 1;
}

main().catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
	process.exitCode = 2;
});
