import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { ROOT, RUN_TYPESCRIPT } from "../../tests/support/root";

const started: ChildProcess[] = [];

/** Starts Node on a TypeScript program of the project; `stopAll` ends it. */
export function startNode(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
	return start(process.execPath, [...RUN_TYPESCRIPT, ...args], env);
}

/** Starts a program in the project's folder. What it prints on standard error is shown when it ends by itself with a failure. */
export function start(
	program: string,
	args: readonly string[],
	env: Readonly<Record<string, string>> = {}
): ChildProcess {
	const child = spawn(program, args, {
		cwd: ROOT,
		stdio: ["ignore", "ignore", "pipe"],
		env: { ...process.env, ...env }
	});
	let printed = "";
	child.stderr.on("data", (chunk: Buffer) => (printed = (printed + chunk.toString()).slice(-2000)));
	child.once("exit", code => {
		if (code) process.stdout.write(`${program} ended with ${code}:\n${printed}\n`);
	});
	started.push(child);
	return child;
}

/** Ends a process at once, as a crash does. */
export async function kill(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const ended = once(child, "exit");
	child.kill("SIGKILL");
	await ended;
}

export async function stopAll(): Promise<void> {
	await Promise.all(started.map(kill));
}

/** Waits until the address answers 200; fails when the process ends before. */
export async function waitForAnswer(url: string, child: ChildProcess, withinMs = 90_000): Promise<void> {
	for (const deadline = Date.now() + withinMs; Date.now() < deadline; await pause(200)) {
		if (child.exitCode !== null) throw new Error(`The process that serves ${url} has ended`);
		const answer = await fetch(url).catch(() => null);
		await answer?.body?.cancel();
		if (answer?.status === 200) return;
	}
	throw new Error(`${url} does not answer`);
}

/** Runs a program to its end; throws with what it printed where it fails. */
export function run(program: string, args: readonly string[], cwd: string): void {
	const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8" });
	if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stdout}${stderr}`);
}

export const isInstalled = (program: string): boolean =>
	spawnSync(program, ["--version"], { stdio: "ignore" }).error === undefined;
