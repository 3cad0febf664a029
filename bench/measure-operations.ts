import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { findFreePort, isListening } from "../scripts/servers/local";
import { until } from "../tests/support/until";
import type { Budget } from "./compare-with-budget";
import { Child } from "./child";
import { HttpClient, runConcurrently } from "./http";
import { median } from "./median";
import { LIST_PATH, type Operation, type Send } from "./operations";
import type { Data, ShopUnderTest } from "./shop-under-test";
import { waitUntilQuiet } from "./wait-until-quiet";
import { WriteFloor } from "./write-floor";

const ROUNDS = 5;
const CONNECTIONS = 8;
const READS = 400;
const WRITES = 64;
/** Runs of which the longest stretch of each is taken. */
const STRETCHES = 9;
const FLOOR_CHECKOUTS = 500;
const IDLE_MS = 2_000;
const STARTS = 3;

/** CPU milliseconds, over the rounds. */
export type Spread = { readonly median: number; readonly lowest: number; readonly highest: number };
export type Figures = {
	readonly at: string;
	readonly machine: string;
	readonly node: string;
	/** CPU milliseconds of the shop's process per run of an operation. */
	readonly operations: Readonly<Record<string, Spread>>;
	/** The longest synchronous stretch in ms of a run: the median of several runs, one at a time. */
	readonly stretches: Readonly<Record<string, number>>;
	/** CPU milliseconds per answer of servers that only answer the same bytes. */
	readonly ceilings: Readonly<Record<string, Readonly<Record<"detail" | "list", Spread>>>>;
	/** CPU milliseconds of the writes that a checkout can't do without. */
	readonly writeFloor: Spread;
	readonly startMs: Spread;
	readonly memoryMiB: { readonly idle: number; readonly afterwards: number };
	/** CPU milliseconds a second of the idle shop. */
	readonly idleCpuMs: number;
};
export type Report = Figures & { readonly counts: Budget };

function toSpread(numbers: readonly number[]): Spread {
	const sorted = numbers.toSorted((a, b) => a - b);
	return { median: median(numbers), lowest: sorted[0] ?? NaN, highest: sorted.at(-1) ?? NaN };
}

const mapValues = <V, R>(object: Readonly<Record<string, V>>, change: (value: V) => R): Record<string, R> =>
	Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

const MiB = (bytes: number) => Math.round(bytes / 2 ** 20);

/** Measures the built shop, bare servers and the floor of writes in interleaved rounds, so that a slow moment hits all. */
export async function measureOperations(
	data: Data,
	built: string,
	chosen: readonly Operation[]
): Promise<Figures> {
	const starts: number[] = [];
	for (let n = 1; n < STARTS; n++) {
		const started = await data.start(built);
		starts.push(started.startMs);
		await started.end();
	}
	const shop = await data.start(built);
	starts.push(shop.startMs);
	const ceilings = await startCeilings(data, shop);
	const floor = new WriteFloor();
	try {
		await new Promise(resolve => setTimeout(resolve, IDLE_MS));
		const idle = MiB(await shop.child.ask("memory"));
		const cpuBefore = await shop.child.ask("cpuMs");
		await new Promise(resolve => setTimeout(resolve, IDLE_MS));
		const idleCpuMs = ((await shop.child.ask("cpuMs")) - cpuBefore) / (IDLE_MS / 1000);

		const operations: Record<string, number[]> = {};
		const ceilingCosts: Record<string, Record<"detail" | "list", number[]>> = {};
		const floorCosts: number[] = [];
		for (let round = 0; round <= ROUNDS; round++) {
			const isWarmUp = round === 0;
			await shop.refreshTokens();
			for (const operation of chosen) {
				const cost = await measureOperation(data, shop, operation);
				if (!isWarmUp) (operations[operation.name] ??= []).push(cost);
			}
			for (const ceiling of ceilings)
				for (const [kind, path] of ceiling.paths) {
					const cost = await measureCeiling(ceiling, path);
					if (!isWarmUp) (ceilingCosts[ceiling.name] ??= { detail: [], list: [] })[kind].push(cost);
				}
			const cost = floor.measure(FLOOR_CHECKOUTS);
			if (!isWarmUp) floorCosts.push(cost);
			process.stderr.write(isWarmUp ? "warm-up done\n" : `round ${round} of ${ROUNDS} done\n`);
		}
		return {
			at: new Date().toISOString(),
			machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`,
			node: process.version,
			operations: mapValues(operations, toSpread),
			stretches: await measureStretches(data, shop, chosen),
			ceilings: mapValues(ceilingCosts, ({ detail, list }) => ({
				detail: toSpread(detail),
				list: toSpread(list)
			})),
			writeFloor: toSpread(floorCosts),
			startMs: toSpread(starts),
			memoryMiB: { idle, afterwards: MiB(await shop.child.ask("memory")) },
			idleCpuMs
		};
	} finally {
		floor.close();
		for (const { child } of ceilings) await child.end();
		await shop.end();
	}
}

/** CPU milliseconds of the shop for one run, until everything that the runs began is done. */
async function measureOperation(data: Data, shop: ShopUnderTest, operation: Operation): Promise<number> {
	const client = new HttpClient(shop.url, CONNECTIONS);
	const send: Send = request => client.send(request);
	const stage = { url: shop.url, goods: data.goods, send };
	const size = operation.kind === "read" ? READS : WRITES;
	const preparing = Array.from({ length: size }, (_, n) => () => operation.prepare(stage, n));
	const runs = await runConcurrently(preparing, CONNECTIONS);
	await waitUntilQuiet(data.dir);
	const before = await shop.child.ask("cpuMs");
	await runConcurrently(
		runs.map(run => () => run(send)),
		CONNECTIONS
	);
	if (operation.kind === "write") await waitUntilQuiet(data.dir);
	const cost = ((await shop.child.ask("cpuMs")) - before) / size;
	client.close();
	return cost;
}

/** The longest synchronous stretch of each operation's run: for so long nobody else was served. */
async function measureStretches(
	data: Data,
	shop: ShopUnderTest,
	chosen: readonly Operation[]
): Promise<Record<string, number>> {
	const client = new HttpClient(shop.url, 1);
	const send: Send = request => client.send(request);
	const longest: Record<string, number> = {};
	for (const operation of chosen) {
		const stretches: number[] = [];
		for (let n = 0; n < STRETCHES; n++) {
			const run = await operation.prepare({ url: shop.url, goods: data.goods, send }, n);
			await shop.child.ask("watch");
			await run(send);
			stretches.push(await shop.child.ask("longestStretch"));
		}
		longest[operation.name] = toSpread(stretches).median;
	}
	client.close();
	return longest;
}

type Ceiling = {
	readonly name: string;
	readonly child: Child;
	readonly url: string;
	readonly paths: readonly (readonly ["detail" | "list", string])[];
};

async function startCeilings(data: Data, shop: ShopUnderTest): Promise<Ceiling[]> {
	const paths = [
		["detail", `/products/${data.goods.productId}`],
		["list", LIST_PATH]
	] as const;
	const bodies: Record<string, object> = {};
	for (const [, path] of paths) {
		const answer = await fetch(`${shop.url}/api/v1${path}`);
		bodies[new URL(answer.url).pathname] = (await answer.json()) as object;
	}
	const file = join(data.dir, "bodies.json");
	writeFileSync(file, JSON.stringify(bodies));
	const names = ["moleculer-web", "fastify", "node:http"];
	return Promise.all(
		names.map(async name => {
			const port = await findFreePort();
			const child = Child.start("bench/ceilings.ts", {}, [name, String(port), file]);
			await until(`${name} to listen`, () => isListening(port));
			return { name, child, url: `http://127.0.0.1:${port}`, paths };
		})
	);
}

async function measureCeiling({ child, url }: Ceiling, path: string): Promise<number> {
	const client = new HttpClient(url, CONNECTIONS);
	const before = await child.ask("cpuMs");
	const ask = () => client.send({ method: "GET", path, status: 200 });
	await runConcurrently(
		Array.from({ length: READS }, () => ask),
		CONNECTIONS
	);
	const cost = ((await child.ask("cpuMs")) - before) / READS;
	client.close();
	return cost;
}
