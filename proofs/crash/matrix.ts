import { parseArgs } from "node:util";
import type { Scenario } from "./scenario";
import { SCENARIOS } from "./scenarios";
import { CrashingShop, type CrashPoint, type CrashResult } from "./crashing-shop";

const HELP = `npm run test:crash [-- options]: finds every step that the scenarios pass, kills the shop before and after each,
starts it again, and checks that everything is consistent within 30 s.

  --mode m       embedded or servers (default: both, one after the other)
  --only regex   only the steps that match
  --scenario re  only the scenarios whose name matches
  --shops n      shops that crash side by side (default: 4 embedded, 3 on servers); fewer on a busy machine
Exit code: 0 if everything was consistent after every crash.`;

type Wanted = { readonly steps: RegExp; readonly scenarios: readonly Scenario[]; readonly shops?: number };
type Mode = "embedded" | "servers";
const SHOPS: Readonly<Record<Mode, number>> = { embedded: 4, servers: 3 };

async function discoverPoints(shop: CrashingShop, { steps, scenarios }: Wanted): Promise<CrashPoint[]> {
	const known = new Set<string>();
	const points: CrashPoint[] = [];
	for (const scenario of scenarios) {
		const fresh = (await shop.discoverSteps(scenario)).filter(
			step => !known.has(step) && steps.test(step)
		);
		for (const step of fresh) {
			known.add(step);
			points.push({ scenario, when: "before", step }, { scenario, when: "after", step });
		}
		process.stdout.write(`${scenario.name}: ${fresh.length} steps\n`);
	}
	return points;
}

/** Crashes several shops side by side until every point is done; answers whether nothing went wrong. */
async function run(mode: Mode, wanted: Wanted): Promise<boolean> {
	const shops: CrashingShop[] = [];
	try {
		while (shops.length < (wanted.shops ?? SHOPS[mode]))
			shops.push(await CrashingShop.open(mode === "servers"));
		const [first] = shops;
		if (!first) throw new Error("No shop");
		const points = await discoverPoints(first, wanted);
		const results: CrashResult[] = [];
		const queue = [...points];
		const work = async (shop: CrashingShop) => {
			for (let point = queue.shift(); point; point = queue.shift()) {
				let result = await shop.crash(point);
				// A race may skip a step now and then.
				for (let again = 0; result.wrong[0] === "was not reached" && again < 2; again++)
					result = await shop.crash(point);
				results.push(result);
				const { when, step, ms, wrong } = result;
				const verdict = wrong.length ? `WRONG ${wrong.join("; ")}` : `ok ${ms} ms`;
				process.stdout.write(
					`${mode} ${results.length}/${points.length} ${when} ${step}: ${verdict}\n`
				);
			}
		};
		await Promise.all(shops.map(work));
		const found = (await Promise.all(shops.map(shop => shop.checkEverything()))).flat();
		process.stdout.write(`${formatMatrix(mode, results)}\n`);
		for (const what of found) process.stdout.write(`WRONG ${what}\n`);
		return !found.length && results.length > 0 && results.every(({ wrong }) => !wrong.length);
	} finally {
		await Promise.all(shops.map(shop => shop.close()));
	}
}

function formatMatrix(mode: Mode, results: readonly CrashResult[]): string {
	const steps = [...new Set(results.map(({ step }) => step))].sort();
	const cell = (step: string, when: CrashPoint["when"]) => {
		const result = results.find(r => r.step === step && r.when === when);
		return (result?.wrong.length ? "WRONG" : `${result?.ms ?? "-"}`).padStart(8);
	};
	const width = Math.max(...steps.map(step => step.length), 20);
	const right = results.filter(({ wrong }) => !wrong.length);
	return [
		`${`${mode}: killed at`.padEnd(width)}  before   after  (ms from the restart until all is consistent)`,
		...steps.map(step => `${step.padEnd(width)}${cell(step, "before")}${cell(step, "after")}`),
		`${right.length} of ${results.length} points recovered; the slowest took ${Math.max(...right.map(({ ms }) => ms ?? 0))} ms`
	].join("\n");
}

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			help: { type: "boolean", default: false },
			mode: { type: "string" },
			only: { type: "string", default: "" },
			scenario: { type: "string", default: "" },
			shops: { type: "string" }
		}
	});
	if (values.help) return void process.stdout.write(`${HELP}\n`);
	const modes = (["embedded", "servers"] as const).filter(mode => (values.mode ?? mode) === mode);
	if (!modes.length) throw new Error(`--mode must be embedded or servers, not ${values.mode}`);
	const shops = values.shops === undefined ? undefined : Number(values.shops);
	if (shops !== undefined && !(Number.isInteger(shops) && shops > 0))
		throw new Error(`--shops must be a whole number above 0, not ${values.shops}`);
	const named = new RegExp(values.scenario);
	const wanted = {
		...(shops !== undefined && { shops }),
		steps: new RegExp(values.only),
		scenarios: SCENARIOS.filter(({ name }) => named.test(name))
	};
	for (const mode of modes) if (!(await run(mode, wanted))) process.exitCode = 1;
}

main().catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
	process.exitCode = 2;
});
