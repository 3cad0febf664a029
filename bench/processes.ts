import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const TICK_MS = 10;
const run = promisify(execFile);

/** CPU of a process so far, user and system, in ms. */
function cpuMs(pid: number): number {
	const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
	return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
export const cpuOf = (pids: readonly number[]): number => pids.reduce((total, pid) => total + cpuMs(pid), 0);

/** Runs a program beside the shop, over its documents; rejects when it ends with other than 0. */
export const script = (file: string, books: object | null, ...args: string[]): Promise<unknown> =>
	run(process.execPath, ["-r", "ts-node/register", join(__dirname, file), ...args], {
		env: { ...process.env, ...books },
		maxBuffer: 2 ** 26 // it logs
	});
