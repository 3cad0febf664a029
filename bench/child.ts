import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { ROOT, RUN_TYPESCRIPT } from "../tests/support/root";

export type Counts = {
	readonly statements: number;
	/** Of the SQLite file, with those that only read. */
	readonly transactions: number;
	/** Of these, the ones that write. */
	readonly commits: number;
	/** Calls from one service to another, or from the gateway to a service. */
	readonly calls: number;
};
type Answers = {
	readonly cpuMs: number;
	readonly memory: number;
	readonly counts: Readonly<Record<string, Counts>>;
	readonly watch: null;
	readonly longestStretch: number;
	readonly longestCpuStretch: number;
};

/** A measured process. `bench/meter.js` answers its questions. */
export class Child {
	private printed = "";
	private asked = 0;

	private constructor(private readonly process: ChildProcess) {
		for (const stream of [process.stdout, process.stderr])
			stream?.on("data", (chunk: Buffer) => (this.printed += chunk.toString()));
	}

	/** Starts a file of this project with the options of `npm start`; a TypeScript file by way of the tests' compiler. */
	static start(file: string, env: Readonly<Record<string, string>>, args: readonly string[] = []): Child {
		const compiler = file.endsWith(".ts") ? RUN_TYPESCRIPT : [];
		const execArgv = ["--max-semi-space-size=8", "-r", "./bench/meter.js", ...compiler];
		return new Child(
			fork(file, args, { cwd: ROOT, silent: true, execArgv, env: { ...process.env, ...env } })
		);
	}

	get pid(): number {
		return this.process.pid ?? 0;
	}

	get output(): string {
		return this.printed;
	}

	assertAlive(): void {
		const { exitCode, signalCode } = this.process;
		if (exitCode !== null || signalCode !== null)
			throw new Error(`A process ended with ${exitCode ?? signalCode}:\n${this.printed}`);
	}

	async ask<What extends keyof Answers>(what: What): Promise<Answers[What]> {
		const id = ++this.asked;
		this.process.send({ id, what });
		for (;;) {
			const [message] = (await once(this.process, "message")) as [
				{ id: number; answer: Answers[What] }
			];
			if (message.id === id) return message.answer;
		}
	}

	async end(): Promise<void> {
		const { exitCode, signalCode } = this.process;
		if (exitCode !== null || signalCode !== null) return;
		const ended = once(this.process, "exit");
		this.process.kill("SIGTERM");
		await ended;
	}
}
