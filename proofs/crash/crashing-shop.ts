import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aSku, StaffClient } from "../../tests/support/builders";
import type { ShopProcess } from "../../tests/support/shop-process";
import { until } from "../../tests/support/until";
import { Customer } from "../prove/shop-user";
import { complaints, Judge } from "../prove/checker";
import { Ledger, type Placing } from "../prove/history";
import { loading, ownShop, type Stand } from "../prove/target";
import { newPlacing, type Cast, type Life } from "./scenarios";

export type Point = { readonly life: Life; readonly when: "before" | "after"; readonly step: string };
/** `ms`: from the start after the crash until all was as it has to be. */
export type Result = Point & { readonly ms: number | null; readonly wrong: readonly string[] };

type Stock = { readonly available: number; readonly reserved: number; readonly sold: number };

const UNITS = 100_000;
/** Far above what the buyer of a lane takes: the steps of counting against it are wanted, not its refusals. */
const LIMIT = 999;
/** The promise: so soon after the restart everything is consistent. */
const RECOVERY_MS = 30_000;
/** Steps of sweeps and facts come after the client's last answer. */
const AFTERMATH_MS = 8_000;

/** One shop that is killed at one point after the other. */
export class Lane {
	private readonly ledger = new Ledger();
	private timeout = 0;

	private constructor(
		private readonly stand: Stand & { readonly own: ShopProcess },
		private readonly folder: string,
		private readonly cast: Cast,
		private readonly userId: string
	) {}

	static async open(onServers: boolean): Promise<Lane> {
		const stand = await ownShop(onServers, dataDir => ({
			...loading("crash/load.js"),
			CRASH_FOLDER: join(dataDir, "crash"),
			// Who held a key or a reservation when it died is given up after this and some seconds.
			REQUEST_TIMEOUT_MS: "3000"
		}));
		const { own, client } = stand;
		if (!own) throw new Error("Only a shop of its own can be killed");
		const folder = join(own.dataDir, "crash");
		mkdirSync(folder, { recursive: true });
		const ledger = new Ledger();
		const staff = new Customer(client, ledger, "13800000000", "Mall-admin-1");
		const buyer = new Customer(client, ledger, "13900000000", "Mall-user-1");
		const catalogue = new StaffClient(client, await client.asAdmin());
		const tuned = {
			"orders.maxUnpaid": 1000,
			"orders.creatingTimeout": 5,
			"inventory.sweepEvery": 1,
			"housekeeping.sweepEvery": 1
		};
		for (const [key, value] of Object.entries(tuned))
			await catalogue.mustSend("PUT", `/admin/config/${key}`, { value });
		const product = await catalogue.addProductOnShelf({
			skus: [aSku({ price: 700, limitPerUser: LIMIT }), aSku({ attributes: { 颜色: "黑" } })]
		});
		const [skuId, noneId]: string[] = product.skus.map(({ id }: { id: string }) => id);
		if (!skuId || !noneId) throw new Error("No product to trade with");
		await catalogue.addStock(skuId, UNITS);
		const address = { receiver: "李雷", phone: "13900000000", province: "浙江省", city: "杭州市" };
		const { id: addressId } = await buyer.mustSend("POST", "/me/addresses", {
			...address,
			district: "西湖区",
			detail: "文三路 1 号"
		});
		const { id: userId } = await buyer.mustSend("GET", "/me");
		const lane = new Lane({ ...stand, own }, folder, { buyer, staff, addressId, skuId, noneId }, userId);
		await lane.firstOrder();
		return lane;
	}

	/** What a buyer's first order of a SKU does, no other does again: it is done before steps are looked for. */
	private async firstOrder(): Promise<void> {
		const { buyer } = this.cast;
		const placing = this.placing();
		const { id, total } = await buyer.mustSend("POST", "/orders", placing.body, placing.key);
		await buyer.mustSend("POST", `/orders/${id}/cancel`, {});
		Object.assign(placing, { outcome: "ok", id, total, cancelled: true });
		await until("its stock to be free", async () => (await this.stock()).reserved === 0);
	}

	/** The steps that a life passes, when nothing goes wrong. */
	async stepsOf(life: Life): Promise<string[]> {
		const file = join(this.folder, "passed");
		rmSync(file, { force: true });
		await this.want("trace", life);
		const placing = this.placing();
		const stock = await this.stock();
		await life.live(this.cast, placing);
		await this.rests(life, placing, stock, AFTERMATH_MS);
		const steps = () => (existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : []);
		let seen = -1;
		await until(
			"no further steps",
			async () => {
				const before = seen;
				seen = new Set(steps()).size;
				await new Promise(resolve => setTimeout(resolve, 2500)); // steps that stay out can't be waited for otherwise
				return seen === before;
			},
			60_000
		);
		return [...new Set(steps().map(line => line.replace(/^(before|after) /, "")))];
	}

	async crash(point: Point): Promise<Result> {
		const { life, when, step } = point;
		const { own } = this.stand;
		if (!own.alive) await own.start(); // it died in the last moment of a point that was given up
		const placing = this.placing();
		const wrong: string[] = [];
		const stock = await this.stock();
		await this.want(`${when} ${step}`, life);
		let over = false;
		const living = life
			.live(this.cast, placing)
			.catch((err: unknown) => wrong.push(err instanceof Error ? err.message : String(err)))
			.finally(() => (over = true));
		let aliveUntil = Infinity;
		await until(
			"the crash",
			() => {
				if (over && aliveUntil === Infinity) aliveUntil = Date.now() + AFTERMATH_MS;
				return !own.alive || Date.now() > aliveUntil;
			},
			60_000
		);
		if (own.alive) {
			await this.tell(""); // or it would die of it later
			return { ...point, ms: null, wrong: ["was not reached"] };
		}
		const at = performance.now();
		await own.start();
		await living;
		wrong.push(...(await this.rests(life, placing, stock, RECOVERY_MS - (performance.now() - at))));
		return { ...point, ms: Math.round(performance.now() - at), wrong };
	}

	/** What is wrong in all that this lane did; stops the shop. */
	async judged(): Promise<string[]> {
		const judge = new Judge(this.stand, this.ledger, this.cast.staff);
		const found = [
			...(await judge.orders(RECOVERY_MS, () => undefined)),
			...(await judge.stock(
				[{ skuId: this.cast.skuId, units: UNITS, limitPerUser: LIMIT }],
				[this.userId]
			)),
			...(await judge.channels()),
			...(await judge.deadLetters())
		];
		if ((await this.stand.own.end("SIGTERM")) !== 0)
			found.push("Told to stop, the shop did not end with 0");
		return [...found, ...((await judge.invariants())?.violations ?? [])];
	}

	close(): Promise<void> {
		return this.stand.end();
	}

	private placing(): Placing {
		const placing = newPlacing(this.cast);
		this.ledger.placings.push(placing);
		return placing;
	}

	/** Answers what still speaks against the order, and the stock as it was `before` it, when the time is up. */
	private async rests(life: Life, placing: Placing, before: Stock, withinMs: number): Promise<string[]> {
		const deadline = Date.now() + withinMs;
		for (;;) {
			const found = placing.id ? await this.against(life, placing) : [];
			const sold = life.end === "paid" ? placing.quantity : 0;
			const now = await this.stock();
			const moved = [
				before.available - now.available,
				now.reserved - before.reserved,
				now.sold - before.sold
			];
			if (String(moved) !== String([sold, 0, sold]))
				found.push(`stock: ${moved.join(", ")} taken, reserved and sold, for ${sold}`);
			if (!found.length || Date.now() > deadline) return found;
			await new Promise(resolve => setTimeout(resolve, 100));
		}
	}

	private async against({ end }: Life, placing: Placing): Promise<string[]> {
		const { staff } = this.cast;
		const order = await staff.mustSend("GET", `/admin/orders/${placing.id}`);
		const { items } = await staff.mustSend("GET", `/admin/payments?orderId=${placing.id}&pageSize=100`);
		const found = complaints(placing, order, items);
		if (order.status !== end) found.push(`order ${placing.id} is ${order.status}, not ${end}`);
		return found;
	}

	private stock(): Promise<Stock> {
		return this.cast.staff.mustSend("GET", `/admin/inventory/${this.cast.skuId}`);
	}

	private async want(point: string, { paymentTimeout }: Life): Promise<void> {
		if (this.timeout !== paymentTimeout) {
			const path = "/admin/config/orders.paymentTimeout";
			await this.cast.staff.mustSend("PUT", path, { value: paymentTimeout });
			this.timeout = paymentTimeout;
			await new Promise(resolve => setTimeout(resolve, 1000)); // by then every service has the setting
		}
		await this.tell(point);
	}

	private async tell(point: string): Promise<void> {
		writeFileSync(join(this.folder, "wanted"), point);
		rmSync(join(this.folder, "heard"), { force: true });
		process.kill(this.stand.own.pid, "SIGUSR2");
		await until(
			"the shop to know its point",
			() => existsSync(join(this.folder, "heard")) || !this.stand.own.alive
		);
	}
}
