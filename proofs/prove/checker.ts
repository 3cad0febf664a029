import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { AfterSaleStaffView } from "../../schemas/after-sales.contract";
import type { OrderView } from "../../schemas/orders.views";
import type { PaymentAdminView, Reconciliation } from "../../schemas/payments.contract";
import type { Demand } from "../../schemas/values/demand";
import type { ShopUser } from "./shop-user";
import type { History, OrderAttempt } from "./history";
import type { Target } from "./target";
import { ROOT, RUN_TYPESCRIPT } from "../../tests/support/root";

/** Statuses in which nothing is under way. */
const AT_REST: readonly OrderView["status"][] = ["paid", "shipped", "completed", "cancelled", "refunded"];
const KEEPS_MONEY: readonly OrderView["status"][] = ["paid", "shipped", "completed"];

const sum = <T>(all: readonly T[], of: (one: T) => number) => all.reduce((total, one) => total + of(one), 0);

export type Stocked = {
	readonly skuId: string;
	readonly units: number;
	/** Purchase limit in units; null: no limit. */
	readonly limitPerUser: number | null;
};

/** Compares an order with what its buyer was told; answers the violations. */
export function checkOrder(
	attempt: OrderAttempt,
	order: OrderView,
	payments: readonly PaymentAdminView[]
): string[] {
	const { status, total, refundedTotal } = order;
	const violations: string[] = [];
	if (!AT_REST.includes(status)) violations.push(`is still ${status}`);
	if (total !== attempt.total) violations.push(`costs ${total}, its buyer was told ${attempt.total}`);
	if (attempt.cancelled && status !== "cancelled")
		violations.push(`is ${status}, its buyer was told that it is cancelled`);

	if (status === "refunded" && !attempt.adminCancelled && !attempt.refunds.length)
		violations.push("is refunded, and nobody asked for that");

	const taken = sum(payments, p => p.paidAmount ?? 0);
	const sentBack = sum(payments, p => p.refunded);
	const expected = KEEPS_MONEY.includes(status) ? total - refundedTotal : 0;
	if (taken - sentBack !== expected)
		violations.push(`is ${status}: ${taken} fen came, ${sentBack} went back, ${expected} are its own`);
	for (const { paymentNo, amount, taken } of attempt.payments) {
		const paid = payments.find(p => p.paymentNo === paymentNo)?.paidAmount ?? 0;
		if (taken === "yes" && paid !== amount)
			violations.push(`the channel took ${amount} for ${paymentNo}, the shop has ${paid}`);
		if (taken === "no" && paid > 0) violations.push(`${paymentNo} counts ${paid} fen that nobody paid`);
	}
	const refunds = payments.flatMap(p => p.refunds);
	for (const reason of new Set(attempt.refunds.map(refund => refund.reason))) {
		const told = attempt.refunds.filter(refund => refund.reason === reason).map(({ outcome }) => outcome);
		const made = refunds.filter(refund => refund.reason === reason).length;
		if (made > 1 || (made === 0 && told.includes("ok")))
			violations.push(`a refund asked for under one key (${told.join(", ")}) was made ${made} times`);
	}
	return violations.map(what => `order ${attempt.id} ${what}`);
}

/** The statuses of an exchange whose new units are sold. */
const EXCHANGES_SOLD: readonly AfterSaleStaffView["status"][] = [
	"approved",
	"returned",
	"reshipped",
	"completed"
];

/** The units that a case sold, and as negative quantities those that it put back into stock. */
function listMovedUnits({ type, status, items, exchangeSkuId, restocked }: AfterSaleStaffView): Demand[] {
	const isSold = type === "exchange" && EXCHANGES_SOLD.includes(status);
	const sold = isSold ? items : [];
	return [
		...sold.map(({ skuId, quantity }) => ({ skuId: exchangeSkuId ?? skuId, quantity })),
		...restocked.map(({ skuId, quantity }) => ({ skuId, quantity: -quantity }))
	];
}

/** Repeats a check until it finds nothing, since facts may still be on their way; answers what it finds when the time is up. */
export async function findAtRest(
	withinMs: number,
	check: () => Promise<readonly string[]>
): Promise<readonly string[]> {
	const deadline = Date.now() + withinMs;
	for (;;) {
		const found = await check();
		if (!found.length || Date.now() > deadline) return found;
		await pause(500);
	}
}

export class Checker {
	constructor(
		private readonly target: Target,
		private readonly history: History,
		private readonly staff: ShopUser
	) {}

	/** Waits until no order has a violation, and answers the violations left when the time is up. */
	async checkOrders(withinMs: number, progress: (left: number) => void): Promise<string[]> {
		const deadline = Date.now() + withinMs;
		let open = this.history.orderAttempts.filter(({ outcome }) => outcome === "ok");
		for (;;) {
			const found = await mapInParallel(open, 8, attempt => this.checkAttempt(attempt));
			const violated = open.flatMap((attempt, n) =>
				found[n]?.length ? [{ attempt, why: found[n] }] : []
			);
			progress(violated.length);
			if (!violated.length || Date.now() > deadline) return violated.flatMap(({ why }) => why);
			open = violated.map(({ attempt }) => attempt);
			await pause(500);
		}
	}

	private async checkAttempt(attempt: OrderAttempt): Promise<string[]> {
		const order: OrderView = await this.staff.mustSend("GET", `/admin/orders/${attempt.id}`);
		const { items } = await this.staff.mustSend(
			"GET",
			`/admin/payments?orderId=${attempt.id}&pageSize=100`
		);
		return checkOrder(attempt, order, items);
	}

	/** Waits until the refund of no case is under way, and answers the cases that are not at rest when the time is up. */
	async checkCases(withinMs: number): Promise<string[]> {
		const deadline = Date.now() + withinMs;
		let open: readonly string[] = this.history.caseIds;
		for (;;) {
			const found = await mapInParallel(open, 8, async id => {
				const { status } = await this.staff.mustSend("GET", `/admin/after-sales/${id}`);
				return { id, status: status as AfterSaleStaffView["status"] };
			});
			const moving = found.filter(({ status }) => status === "refunding");
			if (!moving.length || Date.now() > deadline)
				return moving.map(({ id, status }) => `case ${id} is still ${status}`);
			open = moving.map(({ id }) => id);
			await pause(500);
		}
	}

	/** Checks that the stock agrees with the orders, that no purchase limit is exceeded, and that every order is known to its buyer. */
	async checkStock(stocked: readonly Stocked[], userIds: readonly string[]): Promise<string[]> {
		const found: string[] = [];
		const known = new Set(this.history.orderAttempts.map(({ id }) => id));
		const soldBySku = new Map<string, number>();
		for (const userId of userIds) {
			const unitsByLimitedSku = new Map<string, number>();
			for await (const order of this.list<OrderView>("orders", userId)) {
				if (!known.has(order.id)) found.push(`order ${order.id} was never told to its buyer`);
				const left =
					KEEPS_MONEY.includes(order.status) || (order.status === "refunded" && order.shipment);
				const ended = order.status === "cancelled" || order.status === "refunded";
				for (const { skuId, quantity, shippedQuantity, refundedQuantity } of order.items) {
					// Units that were refunded before they were sent are for sale again.
					const returned = Math.min(refundedQuantity, quantity - shippedQuantity);
					soldBySku.set(skuId, (soldBySku.get(skuId) ?? 0) + (left ? quantity - returned : 0));
					unitsByLimitedSku.set(
						skuId,
						(unitsByLimitedSku.get(skuId) ?? 0) + (ended ? 0 : quantity)
					);
				}
			}
			for await (const afterSale of this.list<AfterSaleStaffView>("after-sales", userId))
				for (const { skuId, quantity } of listMovedUnits(afterSale))
					soldBySku.set(skuId, (soldBySku.get(skuId) ?? 0) + quantity);
			for (const { skuId, limitPerUser } of stocked) {
				const units = unitsByLimitedSku.get(skuId) ?? 0;
				if (units > (limitPerUser ?? Infinity))
					found.push(
						`user ${userId} has ${units} of ${skuId}, of which he may have ${limitPerUser}`
					);
			}
		}
		for (const { skuId, units } of stocked) {
			const stock = await this.staff
				.mustSend("GET", `/admin/inventory/${skuId}`)
				.catch((err: unknown) => {
					found.push(
						`${skuId} can't be shown: ${err instanceof Error ? err.message : String(err)}`
					);
				});
			if (!stock) continue;
			const { available, reserved, sold } = stock;
			const says = `${skuId}: ${available} available, ${reserved} reserved, ${sold} sold`;
			if (available + reserved + sold !== units) found.push(`${says}, of ${units}`);
			if (sold !== (soldBySku.get(skuId) ?? 0))
				found.push(`${says}; the orders that were paid took ${soldBySku.get(skuId) ?? 0}`);
			if (reserved !== 0) found.push(`${says}; no order waits any more`);
		}
		return found;
	}

	/** Checks that no fact of the shop that was started for the run waits to be handled. */
	async checkFacts(): Promise<string[]> {
		const { own } = this.target;
		if (!own) return [];
		const metrics = await (await fetch(`${own.url}/metrics`)).text();
		return [...metrics.matchAll(/^mall_facts_pending\{(.*)\} ([1-9]\d*)$/gm)].map(
			([, labels, count]) => `${count} facts wait (${labels})`
		);
	}

	/** Compares the channels' bills with the shop's payments, for the payments of this run. */
	async checkChannelBills(): Promise<string[]> {
		const ours = new Set(
			this.history.orderAttempts.flatMap(({ payments }) => payments.map(({ paymentNo }) => paymentNo))
		);
		const beijing = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
		const report: Reconciliation = await this.staff.mustSend(
			"GET",
			`/admin/payments/reconciliation?date=${beijing}`
		);
		return (["oursOnly", "theirsOnly", "amountDiffers"] as const).flatMap(list =>
			report[list]
				.filter(({ paymentNo }) => ours.has(paymentNo))
				.map(
					({ kind, paymentNo, refundNo, ours: booked, theirs }) =>
						`${list}: ${kind} ${refundNo ?? paymentNo}: the shop has ${booked ?? 0} fen, the channel ${theirs ?? 0}`
				)
		);
	}

	async checkDeadLetters(): Promise<string[]> {
		const { items } = await this.staff.mustSend("GET", "/admin/dead-letters");
		return (items as { event: string; consumer: string; error: string }[]).map(
			({ event, consumer, error }) => `dead letter: ${event} at ${consumer}: ${error}`
		);
	}

	private async *list<T>(kind: "orders" | "after-sales", userId: string): AsyncGenerator<T> {
		for (let cursor: string | undefined; ;) {
			const next = cursor ? `&cursor=${cursor}` : "";
			const page = await this.staff.mustSend(
				"GET",
				`/admin/${kind}?userId=${userId}&pageSize=100${next}`
			);
			yield* page.items as T[];
			if (!(cursor = page.nextCursor ?? undefined)) return;
		}
	}

	/** Checks the invariants by `check-invariants`, which reads the documents; null when they are out of reach. */
	async checkInvariants(): Promise<{ said: string; violations: string[] } | null> {
		const { documentsEnv } = this.target;
		if (!documentsEnv) return null;
		const child = spawn(
			process.execPath,
			[...RUN_TYPESCRIPT, "invariants/check-invariants.ts", "--full"],
			{
				cwd: ROOT,
				stdio: ["ignore", "pipe", "pipe"],
				env: { ...process.env, ...documentsEnv }
			}
		);
		let said = "";
		for (const stream of [child.stdout, child.stderr])
			stream.on("data", (text: Buffer) => (said += text.toString()));
		const [code] = (await once(child, "close")) as [number | null];
		const lines = said.split("\n").filter(Boolean);
		const violations = code === 0 ? [] : lines.filter(line => !line.includes(" holds "));
		if (code !== 0 && !violations.length) violations.push(`check-invariants ended with ${code}`);
		return { said, violations };
	}
}

/** Results are in the order of `all`. */
async function mapInParallel<T, R>(
	all: readonly T[],
	width: number,
	work: (one: T) => Promise<R>
): Promise<R[]> {
	const answers: R[] = [];
	let next = 0;
	const worker = async () => {
		for (let n = next++; n < all.length; n = next++) {
			const one = all[n];
			if (one !== undefined) answers[n] = await work(one);
		}
	};
	await Promise.all(Array.from({ length: width }, worker));
	return answers;
}
