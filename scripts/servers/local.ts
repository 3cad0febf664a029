import { spawn, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const ROOT = process.cwd();
const START_WITHIN_MS = 30_000;

/** The data folder and port of a server; by default a new folder and a free port. */
export type Place = { readonly dir?: string; readonly port?: number };

/** A loopback port on which no program listens. */
export async function findFreePort(): Promise<number> {
	const probe = createServer().listen(0, "127.0.0.1");
	await once(probe, "listening");
	const { port } = probe.address() as AddressInfo;
	probe.close();
	await once(probe, "close");
	return port;
}

/** The first of `count` loopback ports in a row without listeners, below those that the system gives to programs that ask for any. */
export async function findFreePorts(count: number): Promise<number> {
	for (;;) {
		const first = randomInt(20_000, 30_000);
		const ports = Array.from({ length: count }, (_, n) => first + n);
		if (!(await Promise.all(ports.map(isListening))).includes(true)) return first;
	}
}

/** Whether a program listens on the loopback port. */
export const isListening = (port: number): Promise<boolean> =>
	new Promise(answer => {
		const socket = connect(port, "127.0.0.1");
		socket.once("error", () => answer(false));
		socket.once("connect", () => {
			socket.destroy();
			answer(true);
		});
	});

/** A real server on the loopback address, for development and tests. */
export class Server {
	private child: ChildProcess | undefined;
	private printed = "";

	constructor(
		readonly url: string,
		readonly port: number,
		readonly dir: string,
		private readonly command: readonly [string, ...string[]],
		/** Configuration files by name, written to `dir` before each start. */
		private readonly files: Readonly<Record<string, string>> = {}
	) {}

	get pid(): number {
		return this.child?.pid ?? 0;
	}

	/** Starts over the data that is there; `wiped` deletes the data first. */
	async start({ wiped = false, withinMs = START_WITHIN_MS } = {}): Promise<this> {
		if (wiped) rmSync(this.dir, { recursive: true, force: true });
		mkdirSync(this.dir, { recursive: true, mode: 0o700 });
		for (const [name, content] of Object.entries(this.files))
			writeFileSync(join(this.dir, name), content);
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
		for (const deadline = Date.now() + withinMs; !(await isListening(this.port)); await pause(20)) {
			if (failure)
				throw new Error(
					`${program} can't be started: ${failure.message}. Run npm run servers:install`
				);
			if (child.exitCode !== null) throw new Error(`${program} ended: ${this.printed}`);
			if (Date.now() > deadline) {
				await this.kill("SIGKILL");
				throw new Error(`${program} does not listen on ${this.port}: ${this.printed}`);
			}
		}
		return this;
	}

	/** Sends the signal. After SIGKILL and SIGTERM it awaits the end of the server. */
	async kill(signal: NodeJS.Signals): Promise<void> {
		const { child } = this;
		if (!child || child.exitCode !== null || child.signalCode !== null) return;
		const ended = once(child, "exit");
		child.kill(signal);
		if (signal === "SIGKILL" || signal === "SIGTERM") await ended;
	}

	/** Ends the server and deletes its data. */
	async stop(): Promise<void> {
		await this.kill("SIGKILL");
		rmSync(this.dir, { recursive: true, force: true });
	}
}

async function choosePlace({ dir, port }: Place): Promise<{ dir: string; port: number }> {
	return {
		dir: dir ?? mkdtempSync(join(tmpdir(), "zjmall-server-")),
		port: port ?? (await findFreePort())
	};
}

/** @param authorization The users and their permissions, in the language of nats-server's configuration; none: anybody may all. */
export async function startNats(place: Place = {}, authorization = ""): Promise<Server> {
	const { dir, port } = await choosePlace(place);
	// The largest payload has no flag; deploy/nats/nats.conf sets the same.
	const files = { "nats.conf": `max_payload: 8MB\n${authorization}` };
	const args = [
		"-c",
		join(dir, "nats.conf"),
		"-js",
		"-a",
		"127.0.0.1",
		"-p",
		String(port),
		"-sd",
		join(dir, "jetstream")
	] as const;
	return new Server(`nats://127.0.0.1:${port}`, port, dir, ["nats-server", ...args], files).start();
}

export async function startRedis(place: Place = {}): Promise<Server> {
	const { dir, port } = await choosePlace(place);
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

/** Starts mongo-java-server, a stand-in for MongoDB: in memory, or `durable` in a file that loses nothing by `kill -9`. */
export async function startMongo({
	durable = false,
	...place
}: Place & { durable?: boolean } = {}): Promise<Server> {
	const { dir, port } = await choosePlace(place);
	const jars = join(ROOT, "node_modules/.cache/zjmall/mongo-java-server/lib/*");
	const launcher = join(ROOT, "scripts/servers/mongo-java-server/MongoWireServer.java");
	const args = ["-cp", jars, launcher, String(port), ...(durable ? [join(dir, "documents.mv")] : [])];
	return new Server(`mongodb://127.0.0.1:${port}`, port, dir, ["java", ...args]).start();
}

/**
 * Starts one node of OpenSearch, whose jars `scripts/servers/install-opensearch.sh` fetches. It listens when it can be asked. The
 * flags halve its start.
 */
export async function startOpenSearch(place: Place = {}): Promise<Server> {
	const { dir, port } = await choosePlace(place);
	const own = join(ROOT, "scripts/servers/opensearch");
	const flags = ["-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
	const jars = join(ROOT, "node_modules/.cache/zjmall/opensearch/lib/*");
	const args = [...flags, "-cp", `${own}:${jars}`, join(own, "OpenSearchNode.java"), String(port), dir];
	return new Server(`http://127.0.0.1:${port}`, port, dir, ["java", ...args]).start({ withinMs: 300_000 });
}

const S3_PROGRAM = join(ROOT, "node_modules/.cache/zjmall/versitygw/versitygw");
/** Whether `scripts/servers/install-s3.sh` has been run here. */
export const hasS3 = (): boolean => existsSync(S3_PROGRAM);

/** Starts Versity S3 Gateway, which checks signatures as S3 does; each folder in its data folder is a bucket. */
export async function startS3(keys: {
	readonly accessKey: string;
	readonly secretKey: string;
}): Promise<Server> {
	const { dir, port } = await choosePlace({});
	const account = ["--access", keys.accessKey, "--secret", keys.secretKey];
	const args = [...account, "--port", `127.0.0.1:${port}`, "posix", dir];
	return new Server(`http://127.0.0.1:${port}`, port, dir, [S3_PROGRAM, ...args]).start();
}
