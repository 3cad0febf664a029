import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { listPids } from "../infrastructure/data-folder-lock";
import { findFreePorts, isListening } from "../scripts/servers/local";
import { ROOT } from "../tests/support/root";
import { until } from "../tests/support/until";
import { HttpClient, runConcurrently } from "./http";
import { median } from "./median";
import { OPERATIONS, type Operation, type Send } from "./operations";
import { sumCpuMs } from "./processes";
import { Data, type ShopUnderTest } from "./shop-under-test";
import { waitUntilQuiet } from "./wait-until-quiet";

/**
 * Measures the built shop with one, two and three processes (WORKERS) on one SQLite file: operations a second, and CPU
 * milliseconds of all its processes for each. Run by `npm run bench:workers`; the clients run on the same machine.
 */
const SIZES = [1, 2, 3];
const ROUNDS = 3;
const CONNECTIONS = 16;
const RUNS = { read: 600, write: 96 };
const MEASURED = ["me", "detail-uncached", "preview", "order", "checkout"];

type Result = { readonly perSecond: number; readonly cpuMs: number };

async function start(data: Data, size: number): Promise<ShopUnderTest> {
	const port = await findFreePorts(size);
	const shop = await data.start(join(ROOT, "dist/main.js"), {
		WORKERS: String(size),
		METRICS_PORT: String(port)
	});
	// Each process opens its port for metrics once it serves.
	for (let n = 0; n < size; n++) await until(`process ${n + 1}`, () => isListening(port + n), 60_000);
	await shop.refreshTokens();
	return shop;
}

async function measure(data: Data, shop: ShopUnderTest, operation: Operation): Promise<Result> {
	const client = new HttpClient(shop.url, CONNECTIONS);
	const send: Send = request => client.send(request);
	const stage = { url: shop.url, goods: data.goods, send };
	const size = RUNS[operation.kind];
	const preparing = Array.from({ length: size }, (_, n) => () => operation.prepare(stage, n));
	const runs = await runConcurrently(preparing, CONNECTIONS);
	await waitUntilQuiet(data.dir);
	const pids = listPids(data.dir); // without the pool's parent, which does next to nothing
	const [cpu, at] = [sumCpuMs(pids), performance.now()];
	await runConcurrently(
		runs.map(run => () => run(send)),
		CONNECTIONS
	);
	const seconds = (performance.now() - at) / 1000;
	if (operation.kind === "write") await waitUntilQuiet(data.dir);
	client.close();
	return { perSecond: size / seconds, cpuMs: (sumCpuMs(pids) - cpu) / size };
}

async function main(): Promise<void> {
	execFileSync("npm", ["run", "build"], { cwd: ROOT, stdio: "ignore" });
	const data = await Data.prepare();
	const results = new Map<string, Result[]>();
	try {
		for (let round = 0; round < ROUNDS; round++)
			for (const size of SIZES) {
				const shop = await start(data, size);
				for (const operation of OPERATIONS.filter(({ name }) => MEASURED.includes(name))) {
					await measure(data, shop, operation); // warm-up
					const key = `${operation.name} ${size}`;
					results.set(key, [...(results.get(key) ?? []), await measure(data, shop, operation)]);
				}
				await shop.end();
				process.stderr.write(`round ${round + 1}: ${size} done\n`);
			}
	} finally {
		data.remove();
	}
	const perSecondOf = (name: string, size: number) =>
		median((results.get(`${name} ${size}`) ?? []).map(({ perSecond }) => perSecond));
	for (const name of MEASURED)
		for (const size of SIZES) {
			const perSecond = perSecondOf(name, size);
			const cpuMs = median((results.get(`${name} ${size}`) ?? []).map(result => result.cpuMs));
			process.stdout.write(
				`${name.padEnd(16)} ${size} processes ${perSecond.toFixed(0).padStart(6)}/s  ${(perSecond / perSecondOf(name, 1)).toFixed(2)} × one  ${cpuMs.toFixed(2).padStart(6)} ms CPU each\n`
			);
		}
}

main().catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
	process.exit(1);
});
