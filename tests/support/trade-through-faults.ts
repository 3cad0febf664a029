import { spawnSync } from "node:child_process";
import { basename } from "node:path";
import { aSku, StaffClient, unique } from "./builders";
import { Shopper } from "./shopper";
import type { Reply } from "./shop";
import type { ShopProcess } from "./shop-process";
import { until } from "./until";
import { ROOT, RUN_TYPESCRIPT } from "./root";

/** Promises that clients got with a 2xx, which must hold afterwards, and requests of unknown outcome. */
export type Ledger = {
	readonly orders: Set<string>;
	readonly paid: Set<string>;
	readonly cancelled: Set<string>;
	/** Number of answers of each kind, such as `201 OK`. */
	readonly answers: Map<string, number>;
	unknown: number;
};

/** Sends a request; null when the connection broke, so the outcome is unknown. */
const asked = async (ledger: Ledger, work: Promise<Reply>): Promise<Reply | null> => {
	try {
		const reply = await work;
		const answer = `${reply.status} ${reply.body.code}`;
		ledger.answers.set(answer, (ledger.answers.get(answer) ?? 0) + 1);
		return reply;
	} catch {
		ledger.unknown++;
		return null;
	}
};

/** Places orders, cancels some and pays some until it is stopped. */
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
		ledger.orders.add(orderId);
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

/** Buyers who trade at a running shop for as long as `during` runs. */
export class Trade {
	readonly ledger: Ledger = {
		orders: new Set(),
		paid: new Set(),
		cancelled: new Set(),
		answers: new Map(),
		unknown: 0
	};

	private constructor(
		private readonly shop: ShopProcess,
		private readonly buyers: readonly Shopper[],
		private readonly skuIds: readonly string[]
	) {}

	static async open(shop: ShopProcess, buyerCount = 8): Promise<Trade> {
		const staff = new StaffClient(shop, await shop.asAdmin());
		await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
		const skuIds = await Promise.all(
			[1, 2, 3].map(async () => {
				const product = await staff.addProductOnShelf({ skus: [aSku({ price: 500 })] });
				await shop.http("POST", `/admin/inventory/${product.skus[0].id}/adjust`, {
					token: staff.token,
					key: unique("stock-"),
					body: { delta: 100_000, reason: "test" }
				});
				return product.skus[0].id as string;
			})
		);
		const token = await shop.asUser();
		const buyers = Array.from({ length: buyerCount }, () => new Shopper(shop, token));
		await Promise.all(buyers.map(buyer => buyer.address()));

		return new Trade(shop, buyers, skuIds);
	}

	async during(work: () => Promise<unknown>): Promise<void> {
		let going = true;
		const trading = Promise.all(
			this.buyers.map(buyer => trade(buyer, this.skuIds, this.ledger, () => going))
		);
		try {
			await work();
		} finally {
			going = false;
			await trading;
		}
	}

	/** Waits until this many more orders were placed. */
	goesOn(orders: number): Promise<unknown> {
		const { size } = this.ledger.orders;
		return until("trade to go on", () => this.ledger.orders.size >= size + orders);
	}

	/** Waits until this many more requests got this answer. */
	isTold(answer: string, times: number): Promise<unknown> {
		const count = () => this.ledger.answers.get(answer) ?? 0;
		const before = count();
		return until(`${answer} to be told`, () => count() >= before + times);
	}

	/** Waits until nothing is under way, checks every promise, stops the shop, and checks its invariants. */
	async isKept(env: Readonly<Record<string, string>> = {}): Promise<void> {
		const { shop, ledger } = this;
		const user = new Shopper(shop, await shop.asUser());
		const fresh = new StaffClient(shop, await shop.asAdmin());
		await until("every order to come to rest", async () => {
			for (const orderId of ledger.paid) {
				const { status } = await user.mustSend("GET", `/orders/${orderId}`);
				if (status !== "paid" && status !== "refunded" && status !== "cancelled") return false;
			}
			return true;
		});
		for (const orderId of ledger.orders) await user.mustSend("GET", `/orders/${orderId}`);
		for (const orderId of ledger.cancelled)
			expect((await user.mustSend("GET", `/orders/${orderId}`)).status).toBe("cancelled");
		// An order may only be paid or refunded if its buyer was told of the payment; a payment is never just dropped.
		for (const orderId of ledger.paid)
			expect((await user.mustSend("GET", `/orders/${orderId}`)).status).toBe("paid");
		expect((await fresh.mustSend("GET", "/admin/dead-letters")).items).toEqual([]);
		expect(await shop.end("SIGTERM")).toBe(0);

		const checked = spawnSync(
			process.execPath,
			[...RUN_TYPESCRIPT, "invariants/check-invariants.ts", "--full", "--data", shop.dataDir],
			{
				cwd: ROOT,
				encoding: "utf8",
				env: { ...process.env, MALL_NAMESPACE: basename(shop.dataDir), ...env }
			}
		);
		expect({ status: checked.status, said: checked.stdout + checked.stderr }).toEqual({
			status: 0,
			said: expect.not.stringContaining("BROKEN")
		});
	}
}
