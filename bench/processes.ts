import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** One tick of /proc times on Linux. */
const TICK_MS = 10;
const run = promisify(execFile);

/** CPU time of a process so far, user and system. */
function cpuMs(pid: number): number {
	const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
	return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
export const sumCpuMs = (pids: readonly number[]): number =>
	pids.reduce((total, pid) => total + cpuMs(pid), 0);

/** Runs a script of this repository with the shop's environment; rejects unless it exits with 0. */
export const runScript = (file: string, env: object | null, ...args: string[]): Promise<unknown> =>
	run(process.execPath, ["-r", "ts-node/register", join(__dirname, file), ...args], {
		env: { ...process.env, ...env },
		maxBuffer: 2 ** 26 // for its log
	});
