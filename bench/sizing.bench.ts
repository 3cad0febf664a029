import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parse } from "yaml";
import { startMongo, startNats, startRedis, type Server } from "../scripts/servers/local";
import { ROOT } from "../tests/support/root";
import type { Child } from "./child";
import { HttpClient, runConcurrently } from "./http";
import { OPERATIONS } from "./operations";
import { sumCpuMs } from "./processes";
import { Data } from "./shop-under-test";
import { waitUntilQuiet } from "./wait-until-quiet";

/**
 * Measures what a deployment needs: memory and CPU of each process at rest and a checkout, and the disk of a checkout. Run by
 * `npm run bench:sizing [-- checkouts]`.
 */
const CHECKOUTS = Number(process.argv[2] ?? 1000);
const WARM_UPS = 100;
const CONNECTIONS = 8;
const REST_MS = 10_000;
/** Facts of the last checkouts are handled within this time, where no file shows that. */
const FACTS_MS = 3_000;

type Process = { readonly name: string; readonly child: Pick<Child, "pid"> };
const readMiB = (pid: number) =>
	(Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * 4096) / 2 ** 20;

async function checkOut(data: Data, url: string, times: number): Promise<void> {
	const client = new HttpClient(url, CONNECTIONS);
	const checkout = OPERATIONS.find(({ name }) => name === "checkout");
	const stage = { url, goods: data.goods, send: client.send.bind(client) };
	const runs = Array.from({ length: times }, (_, n) => async () => {
		const run = await checkout?.prepare(stage, n);
		await run?.(stage.send);
	});
	await runConcurrently(runs, CONNECTIONS);
	client.close();
}

/** Prints a row for each process. `settle` resolves when the facts of the checkouts are handled. */
async function measure(
	data: Data,
	url: string,
	processes: readonly Process[],
	settle: () => Promise<unknown>
): Promise<void> {
	await checkOut(data, url, WARM_UPS);
	await settle();
	const read = () => processes.map(({ child }) => sumCpuMs([child.pid]));
	const atRest = read();
	await pause(REST_MS);
	const before = read();
	const idle = processes.map(({ child }) => readMiB(child.pid));
	const startedAt = performance.now();
	await checkOut(data, url, CHECKOUTS);
	const seconds = (performance.now() - startedAt) / 1000;
	await settle();
	const after = read();
	for (const [n, { name, child }] of processes.entries()) {
		const restCpu = ((before[n] ?? 0) - (atRest[n] ?? 0)) / REST_MS;
		const checkoutMs = ((after[n] ?? 0) - (before[n] ?? 0)) / CHECKOUTS;
		process.stdout.write(
			`${name.padEnd(12)} at rest ${Math.round(idle[n] ?? 0)} MiB, ${(restCpu * 100).toFixed(1)} % of a core;` +
				` a checkout ${checkoutMs.toFixed(1)} ms, so 100 a second ${(checkoutMs / 10).toFixed(1)} cores; afterwards ${Math.round(readMiB(child.pid))} MiB\n`
		);
	}
	process.stdout.write(`${(CHECKOUTS / seconds).toFixed(0)} checkouts a second\n`);
}

/** The services of a process in deploy/kubernetes. */
function readServices(name: string): string[] {
	const [manifest = ""] = readFileSync(join(ROOT, `deploy/kubernetes/base/${name}.yaml`), "utf8").split(
		"\n---"
	);
	const { spec } = parse(manifest) as {
		spec: { template: { spec: { containers: { args: string[] }[] } } };
	};
	return spec.template.spec.containers[0]?.args ?? [];
}

async function measureEmbedded(built: string): Promise<void> {
	const data = await Data.prepare();
	try {
		const readDisk = () => statSync(join(data.dir, "zjmall.db")).size;
		const before = readDisk();
		const shop = await data.start(built);
		await shop.refreshTokens();
		await measure(data, shop.url, [{ name: "embedded", child: shop.child }], () =>
			waitUntilQuiet(data.dir)
		);
		await shop.end();
		const kib = (readDisk() - before) / (CHECKOUTS + WARM_UPS) / 1024;
		process.stdout.write(`disk of a checkout: ${kib.toFixed(1)} KiB\n`);
	} finally {
		data.remove();
	}
}

async function measureOnServers(built: string): Promise<void> {
	const servers: Record<string, Server> = {};
	try {
		servers["NATS"] = await startNats();
		servers["documents"] = await startMongo();
		servers["Redis"] = await startRedis();
		const [NATS_URL = "", MONGO_URL = "", REDIS_URL = ""] = Object.values(servers).map(({ url }) => url);
		const data = await Data.prepare({ NATS_URL, MONGO_URL, REDIS_URL });
		const others = ["trade", "catalogue", "people"].map(name => ({
			name,
			child: data.startProcess(built, readServices(name))
		}));
		const gateway = await data.start(built, {}, readServices("api"));
		try {
			await gateway.refreshTokens();
			const processes = [
				{ name: "api", child: gateway.child },
				...others,
				...Object.entries(servers).map(([name, child]) => ({ name, child }))
			];
			await measure(data, gateway.url, processes, () => pause(FACTS_MS));
		} finally {
			await gateway.end();
			for (const { child } of others) await child.end();
			data.remove();
		}
	} finally {
		for (const server of Object.values(servers)) await server.stop();
	}
}

async function main(): Promise<void> {
	execFileSync("npm", ["run", "build"], { cwd: ROOT, stdio: "ignore" });
	const built = join(ROOT, "dist/main.js");
	process.stdout.write(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}\n`);
	await measureEmbedded(built);
	await measureOnServers(built);
}

main().catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
	process.exit(1);
});
