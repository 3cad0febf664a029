import { spawnSync } from "node:child_process";
import mutants from "../mutants/mutants";
import { ROOT } from "../../tests/support/root";

/** Mutants in files that the simulation does not run; `npm run prove -- --mutant` finds them, the last one only on `--servers`. */
const NOT_SIMULATED = [
	"forgotten-release",
	"key-ignored",
	"coupon-used-twice",
	"quota-unguarded",
	"points-returned-twice",
	"limit-unguarded"
];

/** Simulates the shop with each seeded fault; fails when one is not caught. */
for (const { name, says } of mutants.filter(mutant => !NOT_SIMULATED.includes(mutant.name))) {
	const args = ["-r", "./proofs/mutants/load.js", "proofs/simulation/run.ts"];
	const env = { ...process.env, MUTANT: name, SIMULATION_RUNS: "20000" };
	const { status, stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8", env });
	const after = /Property failed after (\d+) tests/.exec(stdout)?.[1];
	const caught = status === 1 && after !== undefined;
	process.stdout.write(
		`${name.padEnd(20)} ${caught ? `caught after ${after} lives` : "NOT CAUGHT"} (${says})\n`
	);
	if (!caught) process.exitCode = 1;
}
