import { spawnSync } from "node:child_process";
import { basename, join } from "node:path";
import { aSku, Catalogue, unique } from "../catalogue/builders";
import { Shopper } from "../harness/shopper";
import { ShopProcess } from "../harness/shop-process";
import { until } from "../harness/until";
import type { Reply } from "../harness/shop";

const KILLS = 10;
const BUYERS = 8;

type Told = { readonly orderId: string; readonly key: string };
/** What clients were told with a 2xx, to be found again afterwards; and what they don't know the outcome of. */
type Ledger = { orders: Map<string, Told>; paid: Set<string>; cancelled: Set<string>; unknown: number };

let shop: ShopProcess;
beforeAll(async () => {
	shop = await ShopProcess.start();
}, 90_000);
afterAll(() => shop.remove());

/** A reply, or null when the connection broke: then nobody knows. */
const asked = async (ledger: Ledger, work: Promise<Reply>): Promise<Reply | null> => {
	try {
		return await work;
	} catch {
		ledger.unknown++;
		return null;
	}
};

async function trade(
	buyer: Shopper,
	skuIds: readonly string[],
	ledger: Ledger,
	going: () => boolean
): Promise<void> {
	for (let n = 0; going(); n++) {
		const skuId = skuIds[n % skuIds.length] ?? "";
		const key = unique("order-");
		const placed = await asked(
			ledger,
			buyer.tryOrder(skuId, 1, key).catch(() => Promise.reject(new Error("lost")))
		);
		if (placed?.status !== 201) continue;
		const orderId: string = placed.body.data.id;
		ledger.orders.set(orderId, { orderId, key });
		if (n % 3 === 0) {
			const reply = await asked(ledger, buyer.send("POST", `/orders/${orderId}/cancel`, {}));
			if (reply?.status === 200) ledger.cancelled.add(orderId);
			continue;
		}
		const payment = await asked(
			ledger,
			buyer.send(
				"POST",
				"/payments",
				{ orderId, channel: n % 2 ? "alipay" : "wechat", scene: "page" },
				unique("payment-")
			)
		);
		if (payment?.status !== 201) continue;
		const { paymentNo } = payment.body.data;
		const notify = n % 5 === 0 ? "never" : "twice";
		const settled = await asked(
			ledger,
			buyer.send("POST", `/sandbox/payments/${paymentNo}/pay`, { outcome: "success", notify })
		);
		if (settled?.status === 200 && settled.body.data.outcome === "paid") ledger.paid.add(orderId);
	}
}

it(`keeps every promise through ${KILLS} kills in the middle of trade`, async () => {
	const staff = new Catalogue(shop, await shop.asAdmin());
	await staff.must("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
	const skuIds = await Promise.all(
		[1, 2, 3].map(async () => {
			const product = await staff.onShelf({ skus: [aSku({ price: 500 })] });
			await shop.http("POST", `/admin/inventory/${product.skus[0].id}/adjust`, {
				token: staff.token,
				key: unique("stock-"),
				body: { delta: 100_000, reason: "test" }
			});
			return product.skus[0].id as string;
		})
	);
	const token = await shop.asUser();
	const ledger: Ledger = { orders: new Map(), paid: new Set(), cancelled: new Set(), unknown: 0 };
	const buyers = Array.from({ length: BUYERS }, () => new Shopper(shop, token));
	await Promise.all(buyers.map(buyer => buyer.address()));

	for (let kill = 0; kill < KILLS; kill++) {
		const before = ledger.orders.size;
		let going = true;
		const trading = Promise.all(buyers.map(buyer => trade(buyer, skuIds, ledger, () => going)));
		await until("some trade", () => ledger.orders.size >= before + 5 + kill, 30_000);
		await shop.end("SIGKILL");
		going = false;
		await trading;
		await shop.start();
	}

	const user = new Shopper(shop, await shop.asUser());
	const fresh = new Catalogue(shop, await shop.asAdmin());
	await until(
		"every order to come to rest",
		async () => {
			for (const orderId of ledger.paid) {
				const { status } = await user.must("GET", `/orders/${orderId}`);
				if (status !== "paid" && status !== "refunded" && status !== "cancelled") return false;
			}
			return true;
		},
		60_000
	);
	for (const orderId of ledger.orders.keys()) await user.must("GET", `/orders/${orderId}`);
	for (const orderId of ledger.cancelled)
		expect((await user.must("GET", `/orders/${orderId}`)).status).toBe("cancelled");
	// Only an order that was told to be paid may be paid or have its money back; a success is never just dropped.
	for (const orderId of ledger.paid)
		expect((await user.must("GET", `/orders/${orderId}`)).status).toBe("paid");
	expect((await fresh.must("GET", "/admin/dead-letters")).items).toEqual([]);
	expect(await shop.end("SIGTERM")).toBe(0);

	const checked = spawnSync(
		process.execPath,
		["-r", "ts-node/register", "scripts/check-invariants.ts", "--data", shop.dataDir],
		{
			cwd: join(__dirname, "../.."),
			encoding: "utf8",
			env: { ...process.env, MALL_NAMESPACE: basename(shop.dataDir) }
		}
	);
	expect({ status: checked.status, said: checked.stdout + checked.stderr }).toEqual({
		status: 0,
		said: expect.not.stringContaining("BROKEN")
	});
}, 300_000);
