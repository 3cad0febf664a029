import type { Budget } from "./compare-with-budget";
import type { Counts } from "./child";
import { HttpClient } from "./http";
import type { Operation } from "./operations";
import type { Data, ShopUnderTest } from "./shop-under-test";
import { waitUntilQuiet } from "./wait-until-quiet";

/** Runs of each operation that are counted, after WARM_UPS that are not: caches fill, statements are prepared. */
const RUNS = 7;
const WARM_UPS = 2;

const lowerQuartile = (numbers: readonly number[]) =>
	numbers.toSorted((a, b) => a - b)[numbers.length >> 2] ?? 0;

/**
 * Counts what one request of each operation causes, one at a time, also after its answer: the facts that it publishes. What
 * consumers of these facts do in the background is not counted. The lower quartile of the runs of each request is exact: on a
 * busy machine some have a statement or a call more, for a cache whose entry expired or a payment that the channel was asked
 * about.
 */
export async function countOperations(data: Data, operations: readonly Operation[]): Promise<Budget> {
	const shop = await data.start("main.ts", { METER_COUNTS: "on" });
	try {
		const counted: Record<string, Counts> = {};
		for (const operation of operations)
			counted[operation.name] = await countOperation(data, shop, operation);
		return counted;
	} finally {
		await shop.end();
	}
}

async function countOperation(data: Data, shop: ShopUnderTest, operation: Operation): Promise<Counts> {
	const client = new HttpClient(shop.url, 1);
	const { goods } = data;
	const { name } = operation;
	const stage = { url: shop.url, goods, send: client.send.bind(client) };
	const idsOf: string[][] = [];
	for (let n = 0; n < WARM_UPS + RUNS; n++) {
		const run = await operation.prepare(stage, n);
		const ids: string[] = [];
		await run(request => {
			const id = `bench-${name}-${n}-${ids.length}`;
			ids.push(id);
			return client.send(request, id);
		});
		idsOf.push(ids);
	}
	await waitUntilQuiet(data.dir);
	const causedBy = await shop.child.ask("counts");
	client.close();
	const counted = idsOf.slice(WARM_UPS);
	const requests = counted[0]?.map((_, i) => counted.map(ids => causedBy[ids[i] ?? ""])) ?? [];
	const countOf = (kind: keyof Counts) =>
		requests.reduce((sum, runs) => sum + lowerQuartile(runs.map(counts => counts?.[kind] ?? 0)), 0);
	return {
		statements: countOf("statements"),
		transactions: countOf("transactions"),
		commits: countOf("commits"),
		calls: countOf("calls")
	};
}
