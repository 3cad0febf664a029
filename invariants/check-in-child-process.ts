import { fork } from "node:child_process";
import { once } from "node:events";
import { constants, setPriority } from "node:os";
import { extname, join } from "node:path";
import { text } from "node:stream/consumers";
import type { Report } from "./check-invariants";

const LIMIT_MS = 3_600_000;

/**
 * Checks the invariants in a process of its own, behind all others of the machine: whatever it takes to read the whole shop,
 * it is not taken from the event loop and the memory of this one.
 */
export async function checkInChildProcess(signal: AbortSignal): Promise<Report> {
	const kind = extname(__filename);
	const child = fork(join(__dirname, `check-invariants${kind}`), ["--json"], {
		execArgv: kind === ".ts" ? ["-r", require.resolve("ts-node/register")] : [],
		env: process.env,
		silent: true,
		signal,
		timeout: LIMIT_MS,
		killSignal: "SIGKILL"
	});
	if (child.pid) yieldToAll(child.pid);
	const { stdout, stderr } = child;
	if (!stdout || !stderr) throw new Error("No way to hear of the check");
	const [printed, complaint] = await Promise.all([text(stdout), text(stderr), once(child, "exit")]);
	const code = child.exitCode;
	if (code !== 0 && code !== 1)
		throw new Error(complaint.trim() || `The check ended with ${code ?? child.signalCode}`);
	return JSON.parse(printed) as Report;
}

function yieldToAll(pid: number): void {
	try {
		setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
	} catch {
		// It is gone already, or the system does not let us: then it runs as others do.
	}
}
