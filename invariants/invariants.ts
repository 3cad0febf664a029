import type { Collection, Doc, Where } from "../infrastructure/documents/collection";
import type { WithOutbox } from "../infrastructure/documents/outbox";
import type { FactsTransport } from "../infrastructure/facts/transport";
import type { Order } from "../services/orders/order.domain";
import { TRANSITIONS } from "../services/orders/order.domain";
import type { Payment, Refund } from "../services/payments/payment.domain";
import type { Reservation } from "../services/inventory/reservation.domain";
import { sumLedger, type LedgerRow, type Stock } from "../services/inventory/stock.domain";

/** What there is to look into. */
export type InvariantsContext = {
	readonly collection: <T extends Doc>(name: string) => Pick<Collection<T>, "find">;
	readonly facts: Pick<FactsTransport, "deadLetters" | "lag">;
	/** Every collection that has an outbox. */
	readonly collections: readonly string[];
	readonly now: Date;
};
type Found = string[] | Promise<string[]>;

const SECOND = 1000;
const sum = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((s, one) => s + of(one), 0);
const before = ({ now }: InvariantsContext, seconds: number): Date =>
	new Date(now.getTime() - seconds * SECOND);

const signed = (n: number): string => (n > 0 ? `+${n}` : String(n));

/** Every document that matches, page by page. */
async function* each<T extends Doc>(
	context: InvariantsContext,
	name: string,
	where?: Where<T>
): AsyncGenerator<T> {
	const documents = context.collection<T>(name);
	for (let after = ""; ;) {
		const page = await documents.find(
			{ ...where, _id: { $gt: after } },
			{ sort: { _id: 1 }, limit: 500 }
		);
		yield* page;
		const last = page.at(-1);
		if (!last) return;
		after = last._id;
	}
}

/** A SKU and its whole ledger at one time; null while it sells too fast for that: it is judged when it rests. */
async function atRest(
	{ collection }: InvariantsContext,
	_id: string
): Promise<{ stock: Stock; rows: LedgerRow[] } | null> {
	const stockNow = async () => (await collection<Stock>("stock").find({ _id }, { limit: 1 }))[0];
	for (let attempts = 0; attempts < 3; attempts++) {
		const stock = await stockNow();
		const rows = await collection<LedgerRow>("stock_log").find({ skuId: _id });
		if (stock && stock.version === (await stockNow())?.version) return { stock, rows };
	}
	return null;
}

/** What differs is told by how much it does: that stays the same while the SKU goes on selling. */
async function perSku(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	const open = new Map<string, number>();
	const moving = new Set<string>();
	const versions = new Map<string, number>();
	const add = (skuId: string, n: number) => open.set(skuId, (open.get(skuId) ?? 0) + n);
	for await (const { _id, version } of each<Stock>(context, "stock")) versions.set(_id, version);
	for await (const { _id, state, lines, updatedAt } of each<Reservation>(context, "stock_reservations")) {
		if (state === "open") for (const line of lines) add(line.skuId, line.quantity);
		if (!state.endsWith("ing")) continue;
		for (const { skuId } of lines) moving.add(skuId); // between two counts: judged when it has come to rest
		if (updatedAt < before(context, 120))
			found.push(`reservation ${_id} is ${state} since ${updatedAt.toISOString()}`);
	}
	for (const [_id, version] of versions) {
		const seen = await atRest(context, _id);
		if (!seen) continue;
		const { available, reserved, sold, inFlight } = seen.stock;
		const logged = new Set(seen.rows.map(({ cause }) => cause));
		const ledger = sumLedger([...seen.rows, ...inFlight.filter(({ cause }) => !logged.has(cause))]);
		if (Math.min(available, reserved, sold) < 0) found.push(`${_id} has a count below 0`);
		for (const [what, is] of Object.entries({ available, reserved, sold })) {
			const more = is - ledger[what as keyof typeof ledger];
			if (more) found.push(`${_id}: ${what} is ${signed(more)} against its ledger`);
		}
		// Reservations were read a while ago: they tell about counts that have not changed since before.
		if (moving.has(_id) || inFlight.length > 0 || seen.stock.version !== version) continue;
		const more = reserved - (open.get(_id) ?? 0);
		if (more) found.push(`${_id}: ${signed(more)} reserved against its open reservations`);
	}
	return found;
}

/** Money that came belongs to one order, or is sent back. */
async function payments(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	const orders = context.collection<Order>("orders");
	const refunds = context.collection<Refund>("refunds");
	for await (const payment of each<Payment>(context, "payments", {
		status: { $in: ["succeeded", "refunded"] }
	})) {
		const { _id, orderId, paidAmount, refundReserved, refundIds, refundUnits = [], refunded } = payment;
		const [order] = await orders.find({ _id: orderId }, { limit: 1 });
		const known = await refunds.find({ paymentId: _id });
		const done = known.filter(({ status }) => status === "succeeded");
		if (sum(done, r => r.amount) !== refunded)
			found.push(`payment ${_id}: its refunds do not sum to ${refunded}`);
		const counted = known.filter(refund => refundIds.includes(refund._id));
		if (sum(counted, r => r.amount) !== refundReserved)
			found.push(`payment ${_id}: the refunds counted against it do not sum to ${refundReserved}`);
		if (refundReserved > (paidAmount ?? 0)) found.push(`payment ${_id}: more refunded than paid`);
		const units = counted.flatMap(({ part }) => part?.units ?? []);
		if (new Set(units).size !== units.length) found.push(`payment ${_id}: a unit was refunded twice`);
		if (units.toSorted().join() !== refundUnits.toSorted().join())
			found.push(`payment ${_id}: the units counted against it are not those of its refunds`);
		const taken = order?.paymentId === _id && order.total === paidAmount;
		if (!taken && refundReserved !== paidAmount)
			found.push(`payment ${_id}: neither its order's nor sent back`);
	}
	for await (const { _id, paymentId, total } of each<Order>(context, "orders", {
		paymentId: { $exists: true }
	})) {
		const [payment] = await context
			.collection<Payment>("payments")
			.find({ _id: paymentId ?? "" }, { limit: 1 });
		if (payment?.paidAmount !== total)
			found.push(`order ${_id} was paid by ${paymentId}, which does not fit`);
	}
	return found;
}

async function waiting(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	for await (const order of each<Order>(context, "orders")) {
		const { _id, status, expiresAt, createdAt, paymentId } = order;
		if (status === "pending_payment" && expiresAt < before(context, 60))
			found.push(`order ${_id} is past its deadline`);
		if (status === "creating" && createdAt < before(context, 120))
			found.push(`order ${_id} is still being placed`);
		if (status === "cancelled" && paymentId) found.push(`order ${_id} is cancelled and paid`);
		const [hold] = await context
			.collection<Reservation>("stock_reservations")
			.find({ _id }, { limit: 1 });
		if (status === "pending_payment" && hold?.state !== "open")
			found.push(`order ${_id} waits and holds no stock`);
		const rested = order.updatedAt < before(context, 60);
		if (rested && hold?.state === "open" && status !== "pending_payment" && status !== "creating")
			found.push(`order ${_id} is ${status} and still holds stock`);
	}
	return found;
}

async function facts(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	for (const name of context.collections)
		for await (const { _id } of each<WithOutbox>(context, name, {
			outboxAt: { $lt: before(context, 60) }
		}))
			found.push(`${name} ${_id} has facts in its outbox`);
	for (const { consumer, event, oldestAt } of await context.facts.lag())
		if (oldestAt && oldestAt < before(context, 60))
			found.push(`${consumer} has not handled ${event} for a minute`);
	const { items, total } = await context.facts.deadLetters({ skip: 0, limit: 20 });
	for (const { id, event, consumer, error } of items)
		found.push(`dead letter ${id}: ${event} at ${consumer}: ${error}`);
	if (total > items.length) found.push(`and ${total - items.length} more dead letters`);
	return found;
}

async function coupons(context: InvariantsContext): Promise<string[]> {
	const payer = new Map<string, string>();
	const found: string[] = [];
	const live = { status: { $nin: ["failed", "cancelled", "refunded"] } } as const;
	for await (const { _id, discounts } of each<Order>(context, "orders", live))
		for (const { id } of discounts.filter(({ type }) => type === "coupon")) {
			const other = payer.get(id);
			if (other) found.push(`coupon ${id} pays for orders ${other} and ${_id}`);
			payer.set(id, _id);
		}
	return found;
}

type Claim = Doc & {
	readonly state: string;
	readonly answer: { readonly status: number; readonly body: string } | null;
};
/** Answers to writes that are kept for replays say what clients were told. */
async function told(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	for await (const { answer } of each<Claim>(context, "idempotency_claims", { state: "done" })) {
		if (answer?.status !== 201) continue;
		const { data } = JSON.parse(answer.body) as {
			data?: { id?: string; orderNo?: string; paymentNo?: string };
		};
		const kept = data?.paymentNo ? "payments" : data?.orderNo ? "orders" : undefined;
		if (!kept || !data?.id) continue;
		const [there] = await context.collection(kept).find({ _id: data.id }, { limit: 1 });
		if (!there) found.push(`${kept} ${data.id} was promised and is not there`);
	}
	return found;
}

async function sums(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	for await (const order of each<Order>(context, "orders")) {
		const { items, discounts, itemsTotal, discountTotal, shippingFee, total, refundedTotal } = order;
		const holds = {
			"items make the items' total": sum(items, i => i.price * i.quantity) === itemsTotal,
			"the lines' shares make the discount": sum(items, i => i.discount) === discountTotal,
			"each discount is its shares": discounts.every(d => sum(d.lines, l => l.amount) === d.amount),
			"each line is its price less its share": items.every(
				i => i.amount === i.price * i.quantity - i.discount
			),
			"the total is lines and fee": sum(items, i => i.amount) + shippingFee === total,
			"nothing is below 0": Math.min(total, shippingFee, ...items.map(i => i.amount)) >= 0,
			"no more is refunded than paid": refundedTotal <= total
		};
		for (const [rule, held] of Object.entries(holds))
			if (!held) found.push(`order ${order._id}: not so that ${rule}`);
	}
	return found;
}

async function steps(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	for await (const { _id, status, timeline } of each<Order>(context, "orders")) {
		let at: Order["status"] = "creating";
		for (const { from, to } of timeline) {
			if (from !== at || !TRANSITIONS[from].includes(to))
				found.push(`order ${_id} went from ${from} to ${to} when ${at}`);
			at = to;
		}
		if (at !== status) found.push(`order ${_id} is ${status}, its timeline ends at ${at}`);
	}
	return found;
}

/** Where the units of all SKUs are, and how many SKUs can't be bought only because unpaid orders hold what is left. */
export type StockFigures = {
	readonly available: number;
	readonly reserved: number;
	readonly sold: number;
	readonly heldOut: number;
};
export async function readStockFigures(context: InvariantsContext): Promise<StockFigures> {
	const figures = { available: 0, reserved: 0, sold: 0, heldOut: 0 };
	for await (const { available, reserved, sold } of each<Stock>(context, "stock")) {
		figures.available += available;
		figures.reserved += reserved;
		figures.sold += sold;
		if (available === 0 && reserved > 0) figures.heldOut++;
	}
	return figures;
}

/** Each invariant of the shop, and the check that lists what breaks it. */
export const INVARIANTS: readonly {
	name: string;
	says: string;
	violations: (context: InvariantsContext) => Found;
}[] = [
	{ name: "I1", says: "stock, reservations and ledger agree, nothing below 0", violations: perSku },
	{ name: "I2", says: "money that came belongs to one order or went back", violations: payments },
	{
		name: "I3",
		says: "no order waits past its deadline, or holds stock it should not",
		violations: waiting
	},
	{ name: "I4", says: "no fact waits in an outbox or queue, no dead letters", violations: facts },
	{ name: "I5", says: "a coupon pays for one live order at most", violations: coupons },
	{ name: "I6", says: "what clients were told is stored", violations: told },
	{ name: "I7", says: "totals and shares sum exactly", violations: sums },
	{ name: "I8", says: "orders made legal moves only", violations: steps }
];
