import { spawnSync } from "node:child_process";
import { ROOT } from "../../tests/support/root";

it("keeps every unit and fen through 2,000 lives, whoever is let go first and whatever dies", () => {
	const { status, stdout } = spawnSync(
		process.execPath,
		["-r", "ts-node/register", "proofs/simulation/run.ts"],
		{
			cwd: ROOT,
			encoding: "utf8",
			env: { ...process.env, SIMULATION_RUNS: "2000" }
		}
	);

	expect(stdout).toMatch(/^2000 lives, nothing wrong/);
	expect(status).toBe(0);
}, 120_000);
