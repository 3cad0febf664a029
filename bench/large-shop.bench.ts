import { parseArgs } from "node:util";
import { ShopProcess } from "../tests/support/shop-process";
import { sumCpuMs } from "./processes";
import { seedOrders } from "./seed-large-shop";

/**
 * Measures every kind of read that grows with the shop, on a data folder with many products and orders: its CPU, and for how
 * long it holds up others, as seen by a visitor who asks for /health/live all the while. Run by
 * `npm run bench:large-shop -- --data <folder> --orders 1000000`; the folder's products come from
 * `DATA_DIR=<folder> npm run seed -- --products 100000`.
 */
const { values } = parseArgs({
	options: { data: { type: "string" }, orders: { type: "string", default: "1000000" } }
});
const ROUNDS = 3;

const text = (q: string) => `q=${encodeURIComponent(q)}`;
const readsOf = (orderNo: string, year: string) => [
	["products, first page", "/products"],
	["products, page 500", "/products?page=500"],
	["products by price, from a price", "/products?sort=price_asc&minPrice=10000"],
	["products, page 500 from a price", "/products?page=500&minPrice=10000"],
	["products, wide word", `/products?${text("手机")}`],
	["products, wide word by price from a price", `/products?${text("手机")}&sort=price_asc&minPrice=10000`],
	["products, two words by sales", `/products?${text("手机 黑色")}&sort=sales`],
	["staff's products, page 500", "/admin/products?page=500"],
	["staff's orders", "/admin/orders"],
	["staff's orders, page 500", "/admin/orders?page=500"],
	["staff's orders by status and from", `/admin/orders?status=cancelled&from=${year}`],
	["staff's orders by number", `/admin/orders?q=${orderNo}`],
	["staff's orders by a number's beginning", `/admin/orders?q=${orderNo.slice(0, 8)}`],
	["staff's orders by the end of a number", `/admin/orders?q=${orderNo.slice(-8)}`],
	["staff's orders by a rare text", `/admin/orders?${text("没有这个商品")}`],
	["staff's orders by a wide text", `/admin/orders?${text("压测商品")}`],
	["own orders", "/orders"],
	["users", "/admin/users"],
	["users by a prefix", "/admin/users?q=138"],
	["stock", "/admin/inventory"],
	["audit log", "/admin/audit-log"]
];

/** Asks for /health/live until stopped; resolves to the longest wait in ms. */
function startVisitor(shop: ShopProcess): () => Promise<number> {
	const stopping = new AbortController();
	const visits = (async () => {
		let longest = 0;
		while (!stopping.signal.aborted) {
			const startedAt = performance.now();
			await fetch(`${shop.url}/health/live`).then(reply => reply.arrayBuffer());
			longest = Math.max(longest, performance.now() - startedAt);
		}
		return longest;
	})();
	return () => {
		stopping.abort();
		return visits;
	};
}

async function main(): Promise<void> {
	if (values.data === undefined) throw new Error("--data names the folder");
	await seedOrders(values.data, Number(values.orders));
	const shop = await ShopProcess.start({}, { dataDir: values.data });
	try {
		const token = await shop.asAdmin();
		const get = (path: string) => shop.http("GET", path, { token });
		const [order] = (await get("/admin/orders?pageSize=1")).body.data.items;
		const lastYear = new Date(Date.now() - 300 * 86_400_000).toISOString();
		const rows = [];
		for (const [what = "", path = ""] of readsOf(order.orderNo, lastYear)) {
			await get(path); // once to warm up
			const rounds: { status: number; ms: number; cpu: number; heldUp: number }[] = [];
			for (let round = 0; round < ROUNDS; round++) {
				const stopVisitor = startVisitor(shop);
				const cpu = sumCpuMs([shop.pid]);
				const startedAt = performance.now();
				// A page of another size, which the gateway has not kept.
				const { status } = await get(
					`${path}${path.includes("?") ? "&" : "?"}pageSize=${19 - round}`
				);
				const ms = performance.now() - startedAt;
				rounds.push({ status, ms, cpu: sumCpuMs([shop.pid]) - cpu, heldUp: await stopVisitor() });
			}
			const least = (of: (round: (typeof rounds)[number]) => number) => Math.min(...rounds.map(of));
			rows.push({
				what,
				status: rounds[0]?.status,
				ms: least(({ ms }) => ms).toFixed(1),
				"CPU ms": least(({ cpu }) => cpu).toFixed(0),
				"held up ms": least(({ heldUp }) => heldUp).toFixed(1)
			});
		}
		console.table(rows);
	} finally {
		await shop.end("SIGTERM");
	}
}

main().catch((err: unknown) => {
	process.stderr.write(`${String(err)}\n`);
	process.exitCode = 1;
});
