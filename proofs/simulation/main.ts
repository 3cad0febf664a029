import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { ROOT, RUN_TYPESCRIPT } from "../../tests/support/root";
import mutants from "../mutants/mutants";

/** Mutants in files that the simulation does not run; `npm run prove -- --mutant` finds them, the last one only on `--servers`. */
const NOT_SIMULATED = ["forgotten-release", "key-ignored", "limit-unguarded"];
/** In all; each process simulates its share. */
const LIVES = Number(process.env["SIMULATION_RUNS"] ?? 100_000);
/** A mutant has to be found within so many lives. */
const MUTANT_LIVES = 20_000;
const WIDTH = availableParallelism();

/** Simulates lives in a process of its own; resolves to what it printed and whether it found nothing wrong. */
async function simulate(lives: number, mutant?: string): Promise<{ isSound: boolean; printed: string }> {
	const preload = mutant === undefined ? [] : ["-r", "./proofs/mutants/load.js"];
	const child = spawn(process.execPath, [...preload, ...RUN_TYPESCRIPT, "proofs/simulation/run.ts"], {
		cwd: ROOT,
		stdio: ["ignore", "pipe", "inherit"],
		env: {
			...process.env,
			SIMULATION_RUNS: String(lives),
			...(mutant !== undefined && { MUTANT: mutant })
		}
	});
	let printed = "";
	child.stdout.on("data", (text: Buffer) => (printed += text.toString()));
	const [code] = (await once(child, "close")) as [number | null];
	return { isSound: code === 0, printed };
}

/** Simulates the shop with the seeded fault; it has to be caught by what the fault breaks, not by an error of the mutant. */
async function catchMutant({ name, says }: (typeof mutants)[number]): Promise<void> {
	const { isSound, printed } = await simulate(MUTANT_LIVES, name);
	const after = /Property failed after (\d+) tests/.exec(printed)?.[1];
	const isCaught = !isSound && after !== undefined;
	process.stdout.write(
		`${name.padEnd(22)} ${isCaught ? `caught after ${after} lives` : "NOT CAUGHT"} (${says})\n`
	);
	if (!isCaught) process.exitCode = 1;
}

/** Simulates lives side by side, then the shop with each seeded fault; fails where lives are wrong or a fault is not caught. */
async function main(): Promise<void> {
	const shares = Array.from({ length: WIDTH }, (_, n) => Math.floor((LIVES + n) / WIDTH));
	for (const { isSound, printed } of await Promise.all(shares.map(share => simulate(share)))) {
		process.stdout.write(printed);
		if (!isSound) process.exitCode = 1;
	}
	const left = mutants.filter(({ name }) => !NOT_SIMULATED.includes(name));
	const worker = async () => {
		for (let mutant = left.shift(); mutant; mutant = left.shift()) await catchMutant(mutant);
	};
	await Promise.all(Array.from({ length: WIDTH }, worker));
}

void main();
