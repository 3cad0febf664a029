import { spawnSync } from "node:child_process";
import { ROOT, RUN_TYPESCRIPT } from "../../tests/support/root";

it("keeps every unit and fen through 2,000 lives with random interleavings and crashes", () => {
	const { status, stdout } = spawnSync(process.execPath, [...RUN_TYPESCRIPT, "proofs/simulation/run.ts"], {
		cwd: ROOT,
		encoding: "utf8",
		env: { ...process.env, SIMULATION_RUNS: "2000" }
	});

	expect(stdout).toMatch(/^2000 lives, nothing wrong/);
	expect(status).toBe(0);
});
