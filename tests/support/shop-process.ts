import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { findFreePort } from "../../scripts/servers/local";
import { Client } from "./shop";
import { until } from "./until";
import { ROOT } from "./root";

type Place = {
	readonly services?: readonly string[];
	readonly dataDir?: string;
	readonly logFile?: string;
	/** The folder of another version of the program. */
	readonly root?: string;
	/** Of the gateway; by default a free one. */
	readonly port?: number;
};

/** A shop as `npm start` runs it, in a process that can be killed and started again on the same data. */
export class ShopProcess extends Client {
	private child: ChildProcess | undefined;
	private printed = "";

	private constructor(
		readonly port: number,
		readonly dataDir: string,
		private readonly env: Readonly<Record<string, string>>,
		private readonly services: readonly string[],
		private readonly logFile: string | undefined,
		private readonly root: string
	) {
		super(`http://127.0.0.1:${port}`);
	}

	/**
	 * Starts the `services` only, as `npm start --` does. With the `dataDir` of another process both belong to one shop. The
	 * output goes to the `logFile`, if given.
	 */
	static async start(
		env: Readonly<Record<string, string>> = {},
		{ services = [], dataDir, logFile, port, root = ROOT }: Place = {}
	): Promise<ShopProcess> {
		const dir = dataDir ?? mkdtempSync(join(tmpdir(), "zjmall-"));
		const shop = new ShopProcess(port ?? (await findFreePort()), dir, env, services, logFile, root);
		await shop.start();
		return shop;
	}

	get pid(): number {
		return this.child?.pid ?? 0;
	}

	get alive(): boolean {
		return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
	}

	private get hasGateway(): boolean {
		const [first, ...rest] = this.services;
		if (first === undefined) return true;
		return first === "--except" ? !rest.includes("api") : this.services.includes("api");
	}

	get output(): string {
		return this.logFile ? readFileSync(this.logFile, "utf8") : this.printed;
	}

	async start(): Promise<void> {
		const log = this.logFile ? openSync(this.logFile, "a") : "pipe";
		const before = this.output.length;
		const load = join(this.root, "tests/support/register.js");
		const child = spawn(process.execPath, ["-r", load, "main.ts", ...this.services], {
			cwd: this.root,
			stdio: ["ignore", log, log],
			env: {
				...process.env,
				NODE_ENV: "test",
				DATA_DIR: this.dataDir,
				MALL_NAMESPACE: basename(this.dataDir),
				PORT: String(this.port),
				// A process without the gateway must be told where it is.
				PUBLIC_URL: this.hasGateway ? "" : this.url,
				LOG_LEVEL: "warn",
				LIMITS_PER_IP: "off",
				DEMO_CATALOGUE: "off",
				STOP_GRACE: "0",
				CHECK_INVARIANTS_EVERY: "0",
				...this.env
			}
		});
		if (typeof log === "number") closeSync(log); // the child has its own descriptor
		this.child = child;
		for (const stream of [child.stdout, child.stderr])
			stream?.on("data", (chunk: Buffer) => (this.printed += chunk.toString()));
		await until("the shop to be ready", async () => {
			if (child.exitCode !== null)
				throw new Error(`The shop ended with ${child.exitCode}:\n${this.output.slice(before)}`);
			if (!this.output.slice(before).includes("已就绪")) return false;
			if (this.services.length && !this.services.includes("api")) return true;
			const reply = await this.http("GET", "//health/ready").catch(() => null);
			return reply?.status === 200 || this.services.length > 0;
		});
	}

	/** Ends the process by the signal and answers its exit code (null when the signal killed it). */
	async end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null> {
		const { child } = this;
		if (!child || !this.alive) return child?.exitCode ?? null;
		child.kill(signal);
		const [code] = (await once(child, "exit")) as [number | null];
		return code;
	}

	async remove(): Promise<void> {
		await this.end("SIGKILL");
		rmSync(this.dataDir, { recursive: true, force: true });
	}
}
