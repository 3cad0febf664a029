import type { Store } from "../../mixins/store.mixin";
import type { Collection, Doc } from "../../infrastructure/documents/collection";
import { Outbox, type WithOutbox } from "../../infrastructure/documents/outbox";
import { Store as RealStore } from "../../infrastructure/documents/store";
import type { StoredFact } from "../../infrastructure/facts/transport";
import type { ReservationContext } from "../../services/inventory/inventory.context";
import type { Reservation } from "../../services/inventory/reservation.domain";
import { sweepUnfinishedChanges } from "../../services/inventory/sweep-reservations";
import { deductStock, releaseStock, returnStock } from "../../services/inventory/reservation.transitions";
import { reserveStock } from "../../services/inventory/reserve-stock";
import {
	createEmptyStock,
	sumLedger,
	type LedgerRow,
	type Stock
} from "../../services/inventory/stock.domain";
import { cancelOrder, transition, requestRefund } from "../../services/orders/order.transitions";
import { TRANSITIONS, type Order } from "../../services/orders/order.domain";
import { applyFailedRefund, applyPayment, applyRefund } from "../../services/orders/apply-payment";
import { buildPaymentNo, type Payment, type Refund } from "../../services/payments/payment.domain";
import { refundRemainder } from "../../services/payments/refunds/refund-once";
import { refundPayment, continueRefund } from "../../services/payments/refunds/refund-payment";
import { markPaid } from "../../services/payments/mark-paid";
import type { PaymentsContext } from "../../services/payments/payments.context";
import { fact } from "../../schemas/registry";
import { Channel } from "./channel";
import { Memory } from "./memory-collection";
import type { Scheduler } from "./scheduler";

const SKU = "tea-1";
const PRICE = 500;
const silent = { info() {}, warn() {}, error() {}, debug() {} };
const config = { get: (key: string) => (key === "inventory.lowStockAt" ? 2 : 0) };
const LATER = new Date(Date.now() + 3_600_000);

/** What the facts of orders and payments have between them. */
type Told = {
	readonly orderId: string;
	readonly paymentId: string;
	readonly reason: string;
	readonly attempt: number;
	readonly restock: boolean;
};

/** What buyers, staff and channels do to the shop; `n` names the order, `k` the payment of it. */
export type Deed =
	| { readonly do: "order"; readonly n: number; readonly quantity: number }
	| { readonly do: "money"; readonly n: number; readonly k: number; readonly amount: "right" | "wrong" }
	| { readonly do: "cancel" | "adminCancel" | "sweep"; readonly n: number }
	| { readonly do: "refund"; readonly n: number; readonly k: number; readonly part: number }
	| { readonly do: "crash" };

/** The services' own code over stores in memory, in one process at a time, which may die at any operation. */
export class World {
	private process = {};
	private resting = false;
	private readonly books = {
		orders: new Memory<Order>(() => this.turn()),
		stock: new Memory<Stock>(() => this.turn()),
		ledger: new Memory<LedgerRow>(() => this.turn()),
		reservations: new Memory<Reservation>(() => this.turn()),
		payments: new Memory<Payment>(() => this.turn()),
		refunds: new Memory<Refund>(() => this.turn())
	};
	/** Deliveries that were not acknowledged; at least once, in any order. */
	private readonly queue: StoredFact[] = [];
	private readonly delivered: StoredFact[] = [];
	private readonly told = new Set<string>();
	private readonly channel = new Channel(
		() => this.turn(),
		() => !this.resting && this.scheduler.pick(4) === 3
	);
	private inventory!: ReservationContext;
	private orders!: { readonly orders: Store<Order> };
	private payments!: PaymentsContext;

	constructor(
		private readonly scheduler: Scheduler,
		private readonly units: number
	) {
		const stock = { ...createEmptyStock(SKU, 2, new Date(0)), available: units, version: 1 };
		this.books.stock.documents.set(SKU, stock);
		this.begin();
	}

	private turn(): Promise<void> {
		return this.scheduler.turn(this.process);
	}

	/** A process begins: the same documents, new stores over them. */
	private begin(): void {
		this.process = {};
		const { stock, ledger, reservations, orders, payments, refunds } = this.books;
		this.inventory = {
			config,
			stock: this.store(stock),
			ledger: this.store(ledger),
			reservations: this.store(reservations)
		} as ReservationContext;
		this.orders = { orders: this.store(orders) };
		this.payments = {
			payments: this.store(payments),
			refunds: this.store(refunds),
			logger: silent,
			channels: { of: () => this.channel }
		} as unknown as PaymentsContext; // of the channels, only what refunds ask
	}

	private store<T extends Doc>(memory: Memory<T>): Store<T> {
		const documents = memory as unknown as Collection<T>; // the operations that these services use
		const publish = async (facts: readonly StoredFact[]) => {
			await this.turn();
			this.tell(facts);
		};
		const outbox = new Outbox(documents, { publish }, silent);
		return new RealStore<T>(documents, outbox, "memory", () => this.turn());
	}

	private tell(facts: readonly StoredFact[]): void {
		for (const news of facts.filter(({ id }) => !this.told.has(id))) {
			this.told.add(news.id);
			this.queue.push(news);
		}
	}

	/** Does the deed beside whatever is under way. What it is refused is the caller's business. */
	begun(deed: Deed): void {
		if (deed.do === "crash") return this.crash();
		void this.does(deed).catch(() => undefined);
	}

	private crash(): void {
		this.scheduler.kill(this.process);
		this.begin();
		// What was being handled is delivered again; what lies in outboxes is swept.
		this.sweepOutboxes();
	}

	private async does(deed: Exclude<Deed, { do: "crash" }>): Promise<unknown> {
		if (deed.do === "order") return this.place(deed.n, deed.quantity);
		if (deed.do === "money") return this.money(deed.n, deed.k, deed.amount);
		if (deed.do === "sweep") return this.sweep();
		if (deed.do === "refund") {
			const payment = await this.payments.payments.get(paymentOf(deed.n, deed.k));
			const amount = Math.max(1, Math.floor(((payment.paidAmount ?? 0) * deed.part) / 100));
			return refundPayment(this.payments, payment, {
				refundNo: `R_${payment.paymentNo}_${deed.part}`,
				amount,
				reason: "part"
			});
		}
		const order = await this.orders.orders.get(orderOf(deed.n));
		return deed.do === "cancel"
			? cancelOrder(this.orders, order, "buyer", undefined)
			: requestRefund(this.orders, order, "staff", "called off");
	}

	private async place(n: number, quantity: number): Promise<void> {
		const _id = orderOf(n);
		const order = {
			...blank,
			_id,
			total: quantity * PRICE,
			items: [{ skuId: SKU, productId: "tea", quantity }]
		} as unknown as Order;
		await this.orders.orders.insert(order);
		await reserveStock(this.inventory, _id, [{ skuId: SKU, quantity }], LATER);
		await transition(
			this.orders,
			order,
			{ to: "pending_payment", event: "created", by: "buyer", deadline: LATER },
			fact("order.created", {
				orderId: _id,
				userId: "u",
				orderNo: _id,
				total: order.total,
				lines: [],
				fromCart: false,
				expiresAt: LATER.toISOString()
			})
		);
	}

	/** The channel takes money for a payment of the order, and says so, as often as the deed comes. */
	private async money(n: number, k: number, right: "right" | "wrong"): Promise<void> {
		const order = await this.orders.orders.get(orderOf(n));
		const _id = paymentOf(n, k);
		const amount = order.total + (right === "wrong" ? 1 : 0);
		const payment = {
			...unpaid,
			_id,
			paymentNo: buildPaymentNo(_id),
			orderId: order._id,
			amount: order.total
		} as unknown as Payment;
		await this.payments.payments.insertOnce(payment, { _id });
		this.channel.take(payment.paymentNo, amount);
		const news = {
			amount: this.channel.taken(payment.paymentNo),
			currency: "CNY",
			channelTxnId: `T${_id}`,
			paidAt: new Date()
		};
		await markPaid(this.payments, payment, news);
	}

	/** One delivery; whether it was refused, cut off or went well, there is another in the end. */
	deliver(): void {
		const news = this.queue.splice(this.scheduler.pick(Math.max(1, this.queue.length)), 1)[0];
		if (!news) return;
		this.delivered.push(news);
		void this.hear(news).catch(() => undefined);
	}

	private async hear({ event, payload }: StoredFact): Promise<void> {
		const news = payload as never;
		const { orderId, paymentId, reason, attempt, restock: goods } = payload as Told;
		switch (event) {
			case "payment.succeeded":
				return applyPayment(this.orders, news);
			case "payment.refunded":
				return applyRefund(this.orders, news);
			case "payment.refund_failed":
				return applyFailedRefund(this.orders, news);
			case "order.paid":
				return deductStock(this.inventory, orderId);
			case "order.cancelled":
				return releaseStock(this.inventory, orderId);
			case "order.refunded":
				return goods ? returnStock(this.inventory, orderId) : undefined;
			case "order.payment_refused":
				return refundRemainder(this.payments, paymentId, "UNCLAIMED", reason);
			case "order.refund_requested":
				return refundRemainder(this.payments, paymentId, `ORDER${attempt || ""}`, reason);
		}
	}

	private sweepOutboxes(): void {
		for (const { documents } of Object.values(this.books))
			for (const { outbox } of documents.values() as Iterable<WithOutbox>)
				if (outbox?.length) this.tell(outbox);
	}

	private async sweep(): Promise<void> {
		await sweepUnfinishedChanges(this.inventory, LATER).catch(() => undefined);
		for (const left of await this.payments.refunds.find({ status: { $in: ["requested", "processing"] } }))
			await continueRefund(this.payments, left, LATER).catch(() => undefined);
		for (const order of await this.orders.orders.find({ status: "creating" })) {
			const undoing = await this.orders.orders.change(
				{ _id: order._id, status: "creating" },
				{ $set: { undoing: true } }
			);
			if (!undoing) continue;
			await releaseStock(this.inventory, order._id);
			await transition(this.orders, order, { to: "failed", event: "failed", by: "system" });
		}
	}

	/** No more deeds and crashes: everything that was told is heard, and what was left half done is swept. */
	async rest(): Promise<void> {
		this.resting = true;
		for (let round = 0; round < 12; round++) {
			this.crash();
			await this.scheduler.run();
			this.queue.push(...this.delivered.splice(0));
			for (const news of this.queue.splice(0)) {
				void this.hear(news).catch(() => this.queue.push(news));
				await this.scheduler.run();
			}
			void this.sweep();
			await this.scheduler.run();
			for (const order of this.books.orders.documents.values())
				if (order.status === "pending_payment")
					void cancelOrder(this.orders, order, "system", "expired").catch(() => undefined);
			await this.scheduler.run();
			if (round > 0 && !this.wrongs().length) return;
		}
	}

	/** What is not as it has to be once everything has come to rest. */
	wrongs(): string[] {
		const found = this.queue.map(({ event }) => `nobody could hear ${event}`);
		const { orders, stock, ledger, payments, refunds } = this.books;
		let sold = 0;
		for (const { _id, status, items, timeline, paymentId } of orders.documents.values()) {
			if (!["paid", "cancelled", "refunded", "failed"].includes(status))
				found.push(`${_id} is still ${status}`);
			if (status === "paid") sold += items[0]?.quantity ?? 0;
			let at: Order["status"] = "creating";
			for (const { from, to } of timeline) {
				if (from !== at || !TRANSITIONS[from].includes(to))
					found.push(`${_id} went from ${from} to ${to} when ${at}`);
				at = to;
			}
			const own = paymentId === undefined ? undefined : payments.documents.get(paymentId);
			if (status === "paid" && own?.paidAmount !== this.total(_id))
				found.push(`${_id} is paid by what does not fit`);
		}
		for (const { _id, paymentNo, orderId, paidAmount, refunded } of payments.documents.values()) {
			const taken = this.channel.taken(paymentNo);
			const back = this.channel.sentBack(paymentNo);
			const order = orders.documents.get(orderId);
			const kept = order?.paymentId === _id && order.status === "paid";
			if ((paidAmount ?? 0) !== taken)
				found.push(`${_id}: the channel took ${taken}, booked are ${paidAmount}`);
			if (back !== refunded)
				found.push(`${_id}: the channel sent back ${back}, booked are ${refunded}`);
			if (back > taken) found.push(`${_id}: more went back than came`);
			if (!kept && back !== taken) found.push(`${_id}: ${taken - back} fen belong to nobody`);
			const asked = [...refunds.documents.values()].some(
				r => r.paymentId === _id && r.reason === "part"
			);
			const called = order?.timeline.some(({ by }) => by === "staff");
			if (order?.paymentId === _id && back === taken && !asked && !called)
				found.push(`${_id}: sent back, and nobody asked`);
		}
		const now = stock.documents.get(SKU);
		if (!now) return ["no stock"];
		const ledgerSum = sumLedger([...ledger.documents.values()]);
		if (Math.min(now.available, now.reserved, now.sold) < 0) found.push("a count below 0");
		if (now.available + now.reserved + now.sold !== this.units) found.push("units came or went");
		if (now.sold !== sold || now.reserved !== 0)
			found.push(`${now.sold} sold, ${now.reserved} reserved; paid orders took ${sold}`);
		if (ledgerSum.sold !== now.sold || ledgerSum.reserved !== now.reserved)
			found.push("the ledger differs from the stock");
		return found;
	}

	private total(orderId: string): number {
		return this.books.orders.documents.get(orderId)?.total ?? 0;
	}
}

const orderOf = (n: number) => `order-${n}`;
const paymentOf = (n: number, k: number) => `${n}P${k}`.padStart(26, "0");

const blank = {
	orderNo: "",
	userId: "u",
	status: "creating",
	fingerprint: "",
	fromCart: false,
	timeline: [],
	refusedPayments: [],
	failedRefunds: [],
	refundedTotal: 0,
	currency: "CNY",
	expiresAt: LATER,
	createdAt: new Date(0),
	updatedAt: new Date(0)
};
const unpaid = {
	channel: "alipay",
	currency: "CNY",
	status: "pending",
	paidAt: null,
	paidAmount: null,
	refundReserved: 0,
	refundIds: [],
	refunded: 0,
	refundedIds: [],
	anomalies: [],
	asked: 0
};
