import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { StaffClient } from "../tests/support/builders";
import { startMongo } from "../tests/support/servers";
import { orderAtOnce, countByCode } from "../tests/support/crowd";
import { startOwnShop } from "../proofs/prove/target";
import { createCustomersElsewhere, putSkusOnSale } from "./set-up-sale";

/**
 * Measures orders of one hot SKU on a slow document store, whose answers a proxy delays by some ms as a replica set would.
 * 300 buyers order a unit each of one SKU, then of sixty SKUs, and both once more. Run by `npm run bench:hot-sku [-- ms]`;
 * exits with 1 if any buyer gets no unit.
 */
const DELAY_MS = Number(process.argv[2] ?? 10);
const BUYERS = 300;
const CONCURRENCY = 64;
const ROUNDS = [1, 60, 1, 60];

/** Proxies the port and delays all answers. */
async function startDelayingProxy(port: number): Promise<{ url: string; close: () => void }> {
	const open = new Set<Socket>();
	const server = createServer(client => {
		const store = connect(port);
		client.on("data", asked => store.write(asked));
		store.on("data", answered => setTimeout(() => client.write(answered), DELAY_MS));
		for (const [socket, other] of [
			[client, store],
			[store, client]
		] as const) {
			open.add(socket.setNoDelay(true));
			socket.on("error", () => socket.destroy());
			socket.on("close", () => {
				open.delete(socket);
				other.destroy();
			});
		}
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	const close = () => {
		server.close();
		for (const socket of open) socket.destroy();
	};
	return { url: `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

async function main(): Promise<void> {
	const mongo = await startMongo({ durable: true });
	const proxy = await startDelayingProxy(mongo.port);
	const stand = await startOwnShop(false, () => ({ MONGO_URL: proxy.url }));
	try {
		const staff = new StaffClient(stand.client, await stand.client.asAdmin());
		await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
		const buyers = await createCustomersElsewhere(
			{ ...stand.documentsEnv, MONGO_URL: proxy.url },
			BUYERS
		);
		for (const skus of ROUNDS) {
			const skuIds = await putSkusOnSale(staff, skus, BUYERS);
			const attempts = buyers.map((buyer, n) => ({ ...buyer, skuId: skuIds[n % skus] ?? "" }));
			const at = performance.now();
			const { OK: placed = 0 } = countByCode(
				await orderAtOnce(stand.client.url, attempts, CONCURRENCY)
			);
			const perSecond = placed / ((performance.now() - at) / 1000);
			process.stdout.write(
				`${skus} SKUs, answers ${DELAY_MS} ms late: ${perSecond.toFixed(0)} orders/s\n`
			);
			if (placed !== BUYERS) process.exitCode = 1;
		}
	} finally {
		await stand.end();
		proxy.close();
		await mongo.stop();
	}
}

main().catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
	process.exit(1);
});
