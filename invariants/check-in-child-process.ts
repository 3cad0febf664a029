import { fork } from "node:child_process";
import { once } from "node:events";
import { constants, setPriority } from "node:os";
import { extname, join } from "node:path";
import { text } from "node:stream/consumers";
import { childLoaderArguments } from "../infrastructure/child-loader";
import type { Report } from "./check-invariants";

const TIMEOUT_MS = 3_600_000;
/** The check reads in batches, so it needs no more, however large the shop is. */
const MEMORY_LIMIT = "--max-old-space-size=256";

/**
 * Runs `check-invariants` in a child process of low priority: reading the whole shop would take memory and event-loop time
 * from this process. Rejects when the check gives no report, takes over an hour or is aborted.
 */
export async function checkInChildProcess(signal: AbortSignal): Promise<Report> {
	const child = fork(join(__dirname, `check-invariants${extname(__filename)}`), ["--json"], {
		execArgv: [MEMORY_LIMIT, ...childLoaderArguments()],
		env: process.env,
		silent: true,
		signal,
		timeout: TIMEOUT_MS,
		killSignal: "SIGKILL"
	});
	if (child.pid) lowerPriority(child.pid);
	const { stdout, stderr } = child;
	if (!stdout || !stderr) throw new Error("The check has no output to read");
	const [output, errors] = await Promise.all([text(stdout), text(stderr), once(child, "exit")]);
	const code = child.exitCode;
	// 0: all invariants hold; 1: violations were found; 2: a part, or without a report nothing, could be checked.
	if (code === null || output === "")
		throw new Error(errors.trim() || `The check ended with ${code ?? child.signalCode}`);
	return JSON.parse(output) as Report;
}

function lowerPriority(pid: number): void {
	try {
		setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
	} catch {
		// The child has ended already, or the system forbids it: the check runs at normal priority.
	}
}
