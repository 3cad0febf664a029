import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePort } from "./free-port";
import { until } from "./until";

const MONGO = resolve("node_modules/.cache/zjmall/mongo-java-server/lib");

/** A real server of a test's own: on a free loopback port, over a folder of its own, ended by its pid. */
export class Server {
	private child: ChildProcess | undefined;
	private printed = "";

	constructor(
		readonly url: string,
		readonly port: number,
		readonly dir: string,
		private readonly command: readonly [string, ...string[]]
	) {}

	get pid(): number {
		return this.child?.pid ?? 0;
	}

	/** Again over the same folder, unless `wiped`. */
	async start({ wiped = false } = {}): Promise<this> {
		if (wiped) rmSync(this.dir, { recursive: true, force: true });
		const [program, ...args] = this.command;
		const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
		let failure: Error | undefined;
		child.once("error", err => (failure = err));
		for (const stream of [child.stdout, child.stderr])
			stream.on(
				"data",
				(chunk: Buffer) => (this.printed = (this.printed + chunk.toString()).slice(-4000))
			);
		this.child = child;
		await until(
			`${program} to listen on ${this.port}`,
			() => {
				if (failure) throw failure;
				if (child.exitCode !== null) throw new Error(`${program} ended: ${this.printed}`);
				return listens(this.port);
			},
			30_000
		);
		return this;
	}

	/** Sends the signal; for one that ends it, waits until it has ended. */
	async kill(signal: NodeJS.Signals): Promise<void> {
		const { child } = this;
		if (!child || child.exitCode !== null || child.signalCode !== null) return;
		const ended = once(child, "exit");
		child.kill(signal);
		if (signal === "SIGKILL" || signal === "SIGTERM") await ended;
	}

	async stop(): Promise<void> {
		await this.kill("SIGKILL");
		rmSync(this.dir, { recursive: true, force: true });
	}
}

const listens = (port: number) =>
	new Promise<boolean>(answer => {
		const socket = connect(port, "127.0.0.1");
		socket.once("error", () => answer(false));
		socket.once("connect", () => {
			socket.destroy();
			answer(true);
		});
	});

const folder = () => mkdtempSync(join(tmpdir(), "zjmall-server-"));

export async function startNats(): Promise<Server> {
	const [port, dir] = [await freePort(), folder()];
	const args = ["-js", "-a", "127.0.0.1", "-p", String(port), "-sd", join(dir, "jetstream")] as const;
	return new Server(`nats://127.0.0.1:${port}`, port, dir, ["nats-server", ...args]).start();
}

export async function startRedis(): Promise<Server> {
	const [port, dir] = [await freePort(), folder()];
	const args = [
		"--bind",
		"127.0.0.1",
		"--port",
		String(port),
		"--dir",
		dir,
		"--save",
		"",
		"--appendonly",
		"yes"
	];
	return new Server(`redis://127.0.0.1:${port}`, port, dir, ["redis-server", ...args]).start();
}

/** mongo-java-server, the stand-in for MongoDB: in memory, or `durable` on a file, where `kill -9` loses nothing. */
export async function startMongo({ durable = false } = {}): Promise<Server> {
	const [port, dir] = [await freePort(), folder()];
	const launcher = resolve("scripts/servers/mongo-java-server/MongoWireServer.java");
	const args = [
		"-cp",
		`${MONGO}/*`,
		launcher,
		String(port),
		...(durable ? [join(dir, "documents.mv")] : [])
	];
	return new Server(`mongodb://127.0.0.1:${port}`, port, dir, ["java", ...args]).start();
}
