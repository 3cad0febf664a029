import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { StaffClient } from "../tests/support/builders";
import { startMongo } from "../tests/support/servers";
import { orderAtOnce, countByCode } from "../tests/support/crowd";
import { ownShop } from "../proofs/prove/stand";
import { customers, forSale } from "./sale";

/**
 * What it costs that all want the same SKU, where the document store is slow: each of its answers comes some ms late, as from
 * a replica set. 300 buyers get a unit each of one SKU, then of sixty, twice. `npm run bench:hot-sku [-- ms]`; ends with 1
 * if anybody gets none.
 */
const LATE_MS = Number(process.argv[2] ?? 10);
const BUYERS = 300;
const AT_ONCE = 64;
const ROUNDS = [1, 60, 1, 60];

/** A way to the port on which every answer comes late. */
async function lateAnswers(port: number): Promise<{ url: string; close: () => void }> {
	const open = new Set<Socket>();
	const server = createServer(client => {
		const store = connect(port);
		client.on("data", asked => store.write(asked));
		store.on("data", answered => setTimeout(() => client.write(answered), LATE_MS));
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
	const late = await lateAnswers(mongo.port);
	const stand = await ownShop(false, () => ({ MONGO_URL: late.url }));
	try {
		const staff = new StaffClient(stand.client, await stand.client.asAdmin());
		await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
		const buyers = await customers({ ...stand.books, MONGO_URL: late.url }, BUYERS);
		for (const skus of ROUNDS) {
			const skuIds = await forSale(staff, skus, BUYERS);
			const attempts = buyers.map((buyer, n) => ({ ...buyer, skuId: skuIds[n % skus] ?? "" }));
			const at = performance.now();
			const { OK: placed = 0 } = countByCode(await orderAtOnce(stand.client.url, attempts, AT_ONCE));
			const perSecond = placed / ((performance.now() - at) / 1000);
			process.stdout.write(
				`${skus} SKUs, answers ${LATE_MS} ms late: ${perSecond.toFixed(0)} orders/s\n`
			);
			if (placed !== BUYERS) process.exitCode = 1;
		}
	} finally {
		await stand.end();
		late.close();
		await mongo.stop();
	}
}

main().catch((err: unknown) => {
	process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
	process.exit(1);
});
