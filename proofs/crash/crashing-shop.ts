import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aSku, StaffClient, unique } from "../../tests/support/builders";
import type { ShopProcess } from "../../tests/support/shop-process";
import { until } from "../../tests/support/until";
import { ShopUser } from "../prove/shop-user";
import { checkOrder, Checker } from "../prove/checker";
import { History, type OrderAttempt } from "../prove/history";
import { preload, startOwnShop, type Target } from "../prove/target";
import { aPromotion, aTemplate } from "../../tests/support/offers";
import { takeBenefits } from "./offer-scenarios";
import { buy, createOrderAttempt, type Participants, type Scenario } from "./scenario";

export type CrashPoint = {
	readonly scenario: Scenario;
	readonly when: "before" | "after";
	readonly step: string;
};
/** `ms`: from the restart until everything was consistent. */
export type CrashResult = CrashPoint & { readonly ms: number | null; readonly wrong: readonly string[] };

type Stock = { readonly available: number; readonly reserved: number; readonly sold: number };

const UNITS = 100_000;
/** One completed order pays the points of all others. */
const POINTS_PER_YUAN = 1000;
/** Far above what the buyer takes: the limit's counting is under test, not its refusals. */
const LIMIT = 999;
/** What the shop offers must last until the last point is done, also on a slow machine. */
const LONGEST_RUN_MS = 24 * 3_600_000;
/** Promised time from the restart until everything is consistent. */
const RECOVERY_MS = 30_000;
/** Sweeps and facts go on after the client's last answer. */
const BACKGROUND_WORK_MS = 8_000;

/** A shop of its own that is killed at one crash point after the other. */
export class CrashingShop {
	private readonly history = new History();
	private paymentTimeout = 0;

	private constructor(
		private readonly target: Target & { readonly own: ShopProcess },
		private readonly folder: string,
		private readonly participants: Participants,
		private readonly userId: string
	) {}

	static async open(onServers: boolean): Promise<CrashingShop> {
		const target = await startOwnShop(onServers, dataDir => ({
			...preload("crash/load.js"),
			CRASH_FOLDER: join(dataDir, "crash"),
			// Keys and reservations held by a crashed process are released some seconds after this time-out.
			REQUEST_TIMEOUT_MS: "3000"
		}));
		try {
			return await CrashingShop.setUp(target);
		} catch (err) {
			await target.end();
			throw err;
		}
	}

	private static async setUp(target: Target): Promise<CrashingShop> {
		const { own, client } = target;
		if (!own) throw new Error("Only a shop started by this test can be killed");
		const folder = join(own.dataDir, "crash");
		mkdirSync(folder, { recursive: true });
		const history = new History();
		const staff = new ShopUser(client, history, "13800000000", "Mall-admin-1");
		const buyer = new ShopUser(client, history, "13900000000", "Mall-user-1");
		const catalogue = new StaffClient(client, await client.asAdmin());
		const tuned = {
			"orders.maxUnpaid": 1000,
			"orders.creatingTimeout": 5,
			"inventory.sweepEvery": 1,
			"afterSales.sweepEvery": 1,
			"shipping.sweepEvery": 1,
			"points.perYuan": POINTS_PER_YUAN,
			"housekeeping.sweepEvery": 1
		};
		for (const [key, value] of Object.entries(tuned))
			await catalogue.mustSend("PUT", `/admin/config/${key}`, { value });
		const product = await catalogue.addProductOnShelf({
			skus: [
				aSku({ price: 700, limitPerUser: LIMIT }),
				aSku({ attributes: { 颜色: "黑" } }),
				aSku({ price: 900, attributes: { 颜色: "白" } })
			]
		});
		const [skuId, soldOutSkuId, offerSkuId]: string[] = product.skus.map(({ id }: { id: string }) => id);
		if (!skuId || !soldOutSkuId || !offerSkuId) throw new Error("No product to trade with");
		for (const id of [skuId, offerSkuId]) await catalogue.addStock(id, UNITS);
		const endsAt = new Date(Date.now() + LONGEST_RUN_MS).toISOString();
		const flashSale = { value: 800, stock: UNITS, limitPerUser: LIMIT, endsAt };
		await catalogue.mustSend(
			"POST",
			"/admin/promotions",
			aPromotion("flash_sale", [offerSkuId], flashSale)
		);
		const template = aTemplate("fixed", {
			value: 99,
			total: UNITS,
			perUser: LIMIT,
			claimTo: endsAt
		});
		const { id: templateId } = await catalogue.mustSend("POST", "/admin/coupon-templates", template);
		const address = { receiver: "李雷", phone: "13900000000", province: "浙江省", city: "杭州市" };
		const { id: addressId } = await buyer.mustSend("POST", "/me/addresses", {
			...address,
			district: "西湖区",
			detail: "文三路 1 号"
		});
		const { id: userId } = await buyer.mustSend("GET", "/me");
		const shop = new CrashingShop(
			{ ...target, own },
			folder,
			{ buyer, staff, addressId, skuId, soldOutSkuId, offerSkuId, templateId },
			userId
		);
		await shop.placeFirstOrders();
		return shop;
	}

	/**
	 * A buyer's first orders have steps that later ones lack: of a SKU, of a flash sale, with a coupon of a template. So they are
	 * placed before steps are discovered. The first one earns points.
	 */
	private async placeFirstOrders(): Promise<void> {
		const { participants } = this;
		const { buyer, staff } = participants;
		const attempt = this.recordAttempt();
		await buy(participants, attempt);
		const parcel = { carrier: "SF", trackingNo: unique("SF") };
		await staff.mustSend("POST", `/admin/orders/${attempt.id}/ship`, parcel);
		await buyer.mustSend("POST", `/orders/${attempt.id}/confirm`);
		await until("its points", async () => (await buyer.mustSend("GET", "/me/points")).balance > 0);
		const withOffers = this.recordAttempt({ usesOffers: true });
		await buy(participants, withOffers, await takeBenefits(participants));
		for (const each of [attempt, withOffers])
			await until("its stock to be sold", async () => (await this.readStock(each)).reserved === 0);
	}

	/** Lists the steps that a scenario passes without a crash. */
	async discoverSteps(scenario: Scenario): Promise<string[]> {
		const file = join(this.folder, "passed");
		rmSync(file, { force: true });
		await this.prepare("trace", scenario);
		const attempt = this.recordAttempt(scenario);
		const stock = await this.readStock(attempt);
		await scenario.run(this.participants, attempt);
		await this.waitUntilConsistent(scenario, attempt, stock, BACKGROUND_WORK_MS);
		const steps = () => (existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : []);
		let seen = -1;
		await until("no further steps", async () => {
			const before = seen;
			seen = new Set(steps()).size;
			await new Promise(resolve => setTimeout(resolve, 2500)); // the absence of further steps has no event to wait for
			return seen === before;
		});
		return [...new Set(steps().map(line => line.replace(/^(before|after) /, "")))];
	}

	async crash(point: CrashPoint): Promise<CrashResult> {
		const { scenario, when, step } = point;
		const { own } = this.target;
		if (!own.alive) await own.start(); // the previous point was reached only after the wait for it had ended
		const attempt = this.recordAttempt(scenario);
		const wrong: string[] = [];
		const stock = await this.readStock(attempt);
		await this.prepare(`${when} ${step}`, scenario);
		let over = false;
		const running = scenario
			.run(this.participants, attempt)
			.catch((err: unknown) => wrong.push(err instanceof Error ? err.message : String(err)))
			.finally(() => (over = true));
		let aliveUntil = Infinity;
		await until("the crash", () => {
			if (over && aliveUntil === Infinity) aliveUntil = Date.now() + BACKGROUND_WORK_MS;
			return !own.alive || Date.now() > aliveUntil;
		});
		if (own.alive) {
			await this.requestPoint(""); // otherwise the shop would still crash at this point later
			return { ...point, ms: null, wrong: ["was not reached"] };
		}
		const at = performance.now();
		await own.start();
		await running;
		wrong.push(
			...(await this.waitUntilConsistent(
				scenario,
				attempt,
				stock,
				Math.max(RECOVERY_MS - (performance.now() - at), BACKGROUND_WORK_MS)
			))
		);
		return { ...point, ms: Math.round(performance.now() - at), wrong };
	}

	/** Checks all orders of this shop and stops it; answers the violations. */
	async checkEverything(): Promise<string[]> {
		const checker = new Checker(this.target, this.history, this.participants.staff);
		const found = [
			...(await checker.checkOrders(RECOVERY_MS, () => undefined)),
			...(await checker.checkStock(
				[this.participants.skuId, this.participants.offerSkuId].map(skuId => ({
					skuId,
					units: UNITS,
					limitPerUser: LIMIT
				})),
				[this.userId]
			)),
			...(await checker.checkChannelBills()),
			...(await checker.checkDeadLetters())
		];
		if ((await this.target.own.end("SIGTERM")) !== 0)
			found.push("Told to stop, the shop did not end with 0");
		return [...found, ...((await checker.checkInvariants())?.violations ?? [])];
	}

	close(): Promise<void> {
		return this.target.end();
	}

	private recordAttempt(scenario?: Pick<Scenario, "usesOffers">): OrderAttempt {
		const attempt = createOrderAttempt(this.participants, scenario);
		this.history.orderAttempts.push(attempt);
		return attempt;
	}

	/** Waits until order and stock are as they have to be; answers the violations left when the time is up. `before`: the stock before the order. */
	private async waitUntilConsistent(
		scenario: Scenario,
		attempt: OrderAttempt,
		before: Stock,
		withinMs: number
	): Promise<string[]> {
		const deadline = Date.now() + withinMs;
		for (;;) {
			const found = attempt.id ? await this.checkOrder(scenario, attempt) : [];
			const sold = scenario.sold ?? (scenario.finalStatus === "paid" ? attempt.quantity : 0);
			const now = await this.readStock(attempt);
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

	private async checkOrder({ finalStatus, finalCase }: Scenario, attempt: OrderAttempt): Promise<string[]> {
		const { staff } = this.participants;
		const order = await staff.mustSend("GET", `/admin/orders/${attempt.id}`);
		const { items } = await staff.mustSend("GET", `/admin/payments?orderId=${attempt.id}&pageSize=100`);
		const found = checkOrder(attempt, order, items);
		if (order.status !== finalStatus)
			found.push(`order ${attempt.id} is ${order.status}, not ${finalStatus}`);
		const { items: cases } = await staff.mustSend("GET", `/admin/after-sales?orderId=${attempt.id}`);
		const statuses = (cases as { status: string }[]).map(({ status }) => status);
		if (statuses.join() !== (finalCase ?? ""))
			found.push(`order ${attempt.id} has cases that are ${statuses.join(", ")}, not ${finalCase}`);
		return found;
	}

	private readStock({ skuId }: OrderAttempt): Promise<Stock> {
		return this.participants.staff.mustSend("GET", `/admin/inventory/${skuId}`);
	}

	private async prepare(point: string, { paymentTimeout }: Scenario): Promise<void> {
		if (this.paymentTimeout !== paymentTimeout) {
			const path = "/admin/config/orders.paymentTimeout";
			await this.participants.staff.mustSend("PUT", path, { value: paymentTimeout });
			this.paymentTimeout = paymentTimeout;
			await new Promise(resolve => setTimeout(resolve, 1000)); // by then every service has the new value
		}
		await this.requestPoint(point);
	}

	private async requestPoint(point: string): Promise<void> {
		writeFileSync(join(this.folder, "requested"), point);
		rmSync(join(this.folder, "acknowledged"), { force: true });
		process.kill(this.target.own.pid, "SIGUSR2");
		await until(
			"the shop to acknowledge its crash point",
			() => existsSync(join(this.folder, "acknowledged")) || !this.target.own.alive
		);
	}
}
