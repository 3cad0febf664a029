import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { OrderView } from "../../schemas/orders.contract";
import type { PaymentAdminView, Reconciliation } from "../../schemas/payments.contract";
import type { Customer } from "./shop-user";
import type { Ledger, Placing } from "./history";
import type { Stand } from "./target";
import { ROOT, RUN_TYPESCRIPT } from "../../tests/support/root";

/** Statuses in which nothing is under way. */
const AT_REST: readonly OrderView["status"][] = ["paid", "shipped", "completed", "cancelled", "refunded"];
const KEPT: readonly OrderView["status"][] = ["paid", "shipped", "completed"];

const sum = <T>(all: readonly T[], of: (one: T) => number) => all.reduce((total, one) => total + of(one), 0);

export type Stocked = {
	readonly skuId: string;
	readonly units: number;
	/** How many a buyer may have; null: no limit. */
	readonly limitPerUser: number | null;
};

/** What speaks against an order as it is now, by what its buyer was told. */
export function complaints(
	placing: Placing,
	order: OrderView,
	payments: readonly PaymentAdminView[]
): string[] {
	const { status, total, refundedTotal } = order;
	const found: string[] = [];
	if (!AT_REST.includes(status)) found.push(`is still ${status}`);
	if (total !== placing.total) found.push(`costs ${total}, its buyer was told ${placing.total}`);
	if (placing.cancelled && status !== "cancelled")
		found.push(`is ${status}, its buyer was told that it is cancelled`);

	if (status === "refunded" && !placing.calledOff && !placing.refunds.length)
		found.push("is refunded, and nobody asked for that");

	const taken = sum(payments, p => p.paidAmount ?? 0);
	const sentBack = sum(payments, p => p.refunded);
	const held = KEPT.includes(status) ? total - refundedTotal : 0;
	if (taken - sentBack !== held)
		found.push(`is ${status}: ${taken} fen came, ${sentBack} went back, ${held} are its own`);
	for (const { paymentNo, amount, took } of placing.payments) {
		const paid = payments.find(p => p.paymentNo === paymentNo)?.paidAmount ?? 0;
		if (took === "yes" && paid !== amount)
			found.push(`the channel took ${amount} for ${paymentNo}, the shop has ${paid}`);
		if (took === "no" && paid > 0) found.push(`${paymentNo} counts ${paid} fen that nobody paid`);
	}
	const refunds = payments.flatMap(p => p.refunds);
	for (const reason of new Set(placing.refunds.map(refund => refund.reason))) {
		const told = placing.refunds.filter(refund => refund.reason === reason).map(({ outcome }) => outcome);
		const made = refunds.filter(refund => refund.reason === reason).length;
		if (made > 1 || (made === 0 && told.includes("ok")))
			found.push(`a refund asked for under one key (${told.join(", ")}) was made ${made} times`);
	}
	return found.map(what => `order ${placing.id} ${what}`);
}

export class Judge {
	constructor(
		private readonly stand: Stand,
		private readonly ledger: Ledger,
		private readonly staff: Customer
	) {}

	/** Waits until nothing speaks against any order any more, and answers what still does when the time is up. */
	async orders(withinMs: number, progress: (left: number) => void): Promise<string[]> {
		const deadline = Date.now() + withinMs;
		let open = this.ledger.placings.filter(({ outcome }) => outcome === "ok");
		for (;;) {
			const found = await inParallel(open, 8, placing => this.against(placing));
			const against = open.flatMap((placing, n) =>
				found[n]?.length ? [{ placing, why: found[n] }] : []
			);
			progress(against.length);
			if (!against.length || Date.now() > deadline) return against.flatMap(({ why }) => why);
			open = against.map(({ placing }) => placing);
			await pause(500);
		}
	}

	private async against(placing: Placing): Promise<string[]> {
		const order: OrderView = await this.staff.mustSend("GET", `/admin/orders/${placing.id}`);
		const { items } = await this.staff.mustSend(
			"GET",
			`/admin/payments?orderId=${placing.id}&pageSize=100`
		);
		return complaints(placing, order, items);
	}

	/** Every unit is where the orders say, nobody has more than his share; and no order is there that nobody was told of. */
	async stock(stocked: readonly Stocked[], userIds: readonly string[]): Promise<string[]> {
		const found: string[] = [];
		const known = new Set(this.ledger.placings.map(({ id }) => id));
		const gone = new Map<string, number>();
		for (const userId of userIds) {
			const his = new Map<string, number>();
			for await (const order of this.ordersOf(userId)) {
				if (!known.has(order.id)) found.push(`order ${order.id} was never told to its buyer`);
				const left = KEPT.includes(order.status) || (order.status === "refunded" && order.shipment);
				const ended = order.status === "cancelled" || order.status === "refunded";
				for (const { skuId, quantity } of order.items) {
					gone.set(skuId, (gone.get(skuId) ?? 0) + (left ? quantity : 0));
					his.set(skuId, (his.get(skuId) ?? 0) + (ended ? 0 : quantity));
				}
			}
			for (const { skuId, limitPerUser } of stocked) {
				const units = his.get(skuId) ?? 0;
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
			if (sold !== (gone.get(skuId) ?? 0))
				found.push(`${says}; the orders that were paid took ${gone.get(skuId) ?? 0}`);
			if (reserved !== 0) found.push(`${says}; no order waits any more`);
		}
		return found;
	}

	/** The channels' own bill against the shop's books, of the payments of this run. */
	async channels(): Promise<string[]> {
		const ours = new Set(
			this.ledger.placings.flatMap(({ payments }) => payments.map(({ paymentNo }) => paymentNo))
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

	async deadLetters(): Promise<string[]> {
		const { items } = await this.staff.mustSend("GET", "/admin/dead-letters");
		return (items as { event: string; consumer: string; error: string }[]).map(
			({ event, consumer, error }) => `dead letter: ${event} at ${consumer}: ${error}`
		);
	}

	private async *ordersOf(userId: string): AsyncGenerator<OrderView> {
		for (let cursor: string | undefined; ;) {
			const next = cursor ? `&cursor=${cursor}` : "";
			const page = await this.staff.mustSend(
				"GET",
				`/admin/orders?userId=${userId}&pageSize=100${next}`
			);
			yield* page.items as OrderView[];
			if (!(cursor = page.nextCursor ?? undefined)) return;
		}
	}

	/** I1–I8 from the documents, by the same command that checks any deployment; null when they are out of reach. */
	async invariants(): Promise<{ said: string; violations: string[] } | null> {
		const { books } = this.stand;
		if (!books) return null;
		const child = spawn(process.execPath, [...RUN_TYPESCRIPT, "invariants/check-invariants.ts"], {
			cwd: ROOT,
			stdio: ["ignore", "pipe", "pipe"],
			env: { ...process.env, ...books }
		});
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

/** Answers in the order of what was given. */
async function inParallel<T, R>(
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
