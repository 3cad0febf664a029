import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { basename } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { aSkuInStock } from "../tests/support/buyers";
import { StaffClient } from "../tests/support/builders";
import { orderAtPace, type Customer } from "../tests/support/crowd";
import { ShopProcess } from "../tests/support/shop-process";
import { until } from "../tests/support/until";
import { sumCpuMs } from "./processes";
import { createCustomersElsewhere } from "./set-up-sale";

/**
 * Measures what streams of live events cost: memory and CPU of the shop with more and more clients of `GET /events`, at rest
 * and while orders are placed. Run by `npm run bench:event-streams`; fails where a buyer does not see the own order.
 */
const STEPS = [0, 100, 500, 1000, 2000];
const STREAMS_A_USER = 5;
const REST_SECONDS = 15;
const ORDERS = 100;
const TRADE_SECONDS = 10;

const readRssMb = (pid: number) =>
	(Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * 4096) / 2 ** 20;

/** Opens a stream of its own connection; calls `onOrder` at each order that it shows. */
function openStream(url: string, token: string, onOrder: () => void): Promise<void> {
	return new Promise((resolve, reject) => {
		const headers = { Authorization: `Bearer ${token}` };
		const req = request(`${url}/api/v1/events`, { headers, agent: new Agent({ maxSockets: 1 }) }, res => {
			if (res.statusCode !== 200) return reject(new Error(`A stream was answered ${res.statusCode}`));
			resolve();
			res.on("data", (chunk: Buffer) => {
				if (chunk.includes("event: order.created")) onOrder();
			});
			res.on("error", () => undefined);
		});
		req.on("error", reject);
		req.end();
	});
}

/** CPU of the shop as percent of one core. */
async function measureCpu(pid: number, work: () => Promise<unknown>): Promise<number> {
	const [cpu, at] = [sumCpuMs([pid]), performance.now()];
	await work();
	return (100 * (sumCpuMs([pid]) - cpu)) / (performance.now() - at);
}

async function main(): Promise<void> {
	const shop = await ShopProcess.start({ NATS_URL: "", MONGO_URL: "", REDIS_URL: "" });
	try {
		const staff = new StaffClient(shop, await shop.asAdmin());
		await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
		const most = STEPS.at(-1) ?? 0;
		const env = { DATA_DIR: shop.dataDir, MALL_NAMESPACE: basename(shop.dataDir) };
		const customers = await createCustomersElsewhere(env, most / STREAMS_A_USER);
		const skuId = await aSkuInStock(staff, 1_000_000);
		let shown = 0;
		let open = 0;
		process.stdout.write("streams  memory MiB  CPU at rest %  CPU with 10 orders a second %\n");
		for (const step of STEPS) {
			for (; open < step; open++)
				await openStream(
					shop.url,
					(customers[open % customers.length] as Customer).token,
					() => shown++
				);
			await pause(2000);
			const rest = await measureCpu(shop.pid, () => pause(REST_SECONDS * 1000));
			const buyers = Array.from(
				{ length: ORDERS },
				(_, n) => customers[n % customers.length] as Customer
			);
			shown = 0;
			const trade = await measureCpu(shop.pid, () =>
				orderAtPace(
					shop.url,
					buyers.map(buyer => ({ ...buyer, skuId })),
					TRADE_SECONDS
				)
			);
			const streamsOf = (n: number) =>
				Math.floor(open / customers.length) + (n < open % customers.length ? 1 : 0);
			const expected = buyers.reduce((sum, _, n) => sum + streamsOf(n % customers.length), 0);
			await until(`${expected} events, not ${shown}`, () => shown === expected);
			const row = [step, Math.round(readRssMb(shop.pid)), rest.toFixed(1), trade.toFixed(1)];
			process.stdout.write(`${row.map(cell => String(cell).padStart(7)).join("  ")}\n`);
		}
	} finally {
		await shop.remove();
	}
}

main().then(
	() => process.exit(0),
	(err: unknown) => {
		process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
		process.exit(1);
	}
);
