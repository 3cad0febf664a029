import { readFileSync } from "node:fs";

const TICK_MS = 10;

/** CPU of a process so far, user and system, in ms. */
function cpuMs(pid: number): number {
	const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
	return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
export const cpuOf = (pids: readonly number[]): number => pids.reduce((total, pid) => total + cpuMs(pid), 0);
