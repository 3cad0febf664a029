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
import type { OrdersContext } from "../../services/orders/orders.context";
import { applyFailedRefund, applyPayment, applyRefund } from "../../services/orders/apply-payment";
import { buildPaymentNo, type Payment, type Refund } from "../../services/payments/payment.domain";
import { refundRemainder } from "../../services/payments/refunds/refund-once";
import { refundPayment, continueRefund } from "../../services/payments/refunds/refund-payment";
import { markPaid } from "../../services/payments/mark-paid";
import type { PaymentsContext } from "../../services/payments/payments.context";
import type { AfterSale } from "../../services/after-sales/after-sale.domain";
import type { AfterSalesContext } from "../../services/after-sales/after-sales.context";
import { cancelCasesOfRefunded } from "../../services/after-sales/end-case";
import {
	applyFailedRefund as applyFailedCaseRefund,
	applyRefund as applyCaseRefund
} from "../../services/after-sales/refund-case";
import { sweepCases } from "../../services/after-sales/sweep-cases";
import { returnUnits } from "../../services/inventory/return-units";
import { releaseUnits } from "../../services/orders/claim-units";
import { refundClaimedUnits } from "../../services/payments/refunds/refund-units";
import { fact } from "../../schemas/registry";
import type { Demand } from "../../schemas/values/demand";
import { connectServices, findUnitViolations, giveBack, type GivingBack } from "./after-sales";
import { Channel } from "./channel";
import { MemoryCollection } from "./memory-collection";
import type { Scheduler } from "./scheduler";

const SKU = "tea-1";
const PRICE = 500;
const silent = { info() {}, warn() {}, error() {}, debug() {} };
const config = { get: (key: string) => (key === "inventory.lowStockAt" ? 2 : 0) };
const LATER = new Date(Date.now() + 3_600_000);

/** Fields of the facts that this queue delivers; each fact has some of them. */
type FactPayload = {
	readonly orderId: string;
	readonly paymentId: string;
	readonly reason: string;
	readonly attempt: number;
	readonly restock: boolean;
	readonly unsent: readonly Demand[];
	readonly claimId: string;
	readonly afterSaleId: string;
	readonly lines: readonly (Demand & { readonly unsent: number })[];
};

/** An action of a buyer, staff or a channel; `n` is the number of the order, `k` of its payment. */
export type Action =
	| { readonly do: "order"; readonly n: number; readonly quantity: number }
	| { readonly do: "money"; readonly n: number; readonly k: number; readonly amount: "right" | "wrong" }
	| { readonly do: "cancel" | "adminCancel" | "sweep"; readonly n: number }
	| { readonly do: "refund"; readonly n: number; readonly k: number; readonly part: number }
	| GivingBack
	| { readonly do: "crash" };

/** Runs the services' own code over stores in memory, in one process at a time, which may crash at any operation. */
export class World {
	private process = {};
	private settling = false;
	private readonly collections = {
		orders: new MemoryCollection<Order>(() => this.turn()),
		stock: new MemoryCollection<Stock>(() => this.turn()),
		ledger: new MemoryCollection<LedgerRow>(() => this.turn()),
		reservations: new MemoryCollection<Reservation>(() => this.turn()),
		payments: new MemoryCollection<Payment>(() => this.turn()),
		refunds: new MemoryCollection<Refund>(() => this.turn()),
		cases: new MemoryCollection<AfterSale>(() => this.turn(), ["key"])
	};
	/** Facts to be delivered, at least once and in any order. */
	private readonly queue: StoredFact[] = [];
	private readonly delivered: StoredFact[] = [];
	private readonly publishedIds = new Set<string>();
	private readonly channel = new Channel(
		() => this.turn(),
		() => !this.settling && this.scheduler.pick(4) === 3
	);
	private inventory!: ReservationContext;
	private orders!: Pick<OrdersContext, "orders" | "config">;
	private payments!: PaymentsContext;
	private afterSales!: AfterSalesContext;
	private opened = 0;

	constructor(
		private readonly scheduler: Scheduler,
		private readonly units: number
	) {
		const stock = { ...createEmptyStock(SKU, 2, new Date(0)), available: units, version: 1 };
		this.collections.stock.documents.set(SKU, stock);
		this.startProcess();
	}

	private turn(): Promise<void> {
		return this.scheduler.waitForTurn(this.process);
	}

	/** Starts a process with new stores over the same documents. */
	private startProcess(): void {
		this.process = {};
		const { stock, ledger, reservations, orders, payments, refunds, cases } = this.collections;
		this.inventory = {
			config,
			stock: this.store(stock),
			ledger: this.store(ledger),
			reservations: this.store(reservations),
			announceChange: () => undefined
		} as ReservationContext;
		this.orders = { orders: this.store(orders), config } as unknown as Pick<
			OrdersContext,
			"orders" | "config"
		>;
		this.payments = {
			payments: this.store(payments),
			refunds: this.store(refunds),
			logger: silent,
			channels: { of: () => this.channel }
		} as unknown as PaymentsContext; // refunds use only `channels.of`
		this.afterSales = {
			cases: this.store(cases),
			config,
			logger: silent,
			broker: connectServices(() => this.orders)
		} as unknown as AfterSalesContext;
	}

	private store<T extends Doc>(memory: MemoryCollection<T>): Store<T> {
		const documents = memory as unknown as Collection<T>; // the operations that these services use
		const publish = async (facts: readonly StoredFact[]) => {
			await this.turn();
			this.enqueueOnce(facts);
		};
		const outbox = new Outbox(documents, { publish }, silent);
		return new RealStore<T>(documents, outbox, "memory", () => this.turn());
	}

	private enqueueOnce(facts: readonly StoredFact[]): void {
		for (const news of facts.filter(({ id }) => !this.publishedIds.has(id))) {
			this.publishedIds.add(news.id);
			this.queue.push(news);
		}
	}

	/** Starts the action beside the running ones. A refusal is a valid outcome and ignored. */
	start(action: Action): void {
		if (action.do === "crash") return this.crash();
		void this.perform(action).catch(() => undefined);
	}

	private crash(): void {
		this.scheduler.kill(this.process);
		this.startProcess();
		// Unacknowledged facts are delivered again; the sweep publishes the facts left in outboxes.
		this.sweepOutboxes();
	}

	private async perform(action: Exclude<Action, { do: "crash" }>): Promise<unknown> {
		if (action.do === "order") return this.placeOrder(action.n, action.quantity);
		if (action.do === "money") return this.pay(action.n, action.k, action.amount);
		if (action.do === "sweep") return this.sweep();
		if (action.do === "refund") {
			const payment = await this.payments.payments.get(paymentId(action.n, action.k));
			const amount = Math.max(1, Math.floor(((payment.paidAmount ?? 0) * action.part) / 100));
			return refundPayment(this.payments, payment, {
				refundNo: `R_${payment.paymentNo}_${action.part}`,
				amount,
				reason: "part"
			});
		}
		const order = await this.orders.orders.get(orderId(action.n));
		if ("quantity" in action) {
			const { orders, payments, afterSales } = this;
			const items = [{ skuId: SKU, quantity: action.quantity }];
			return giveBack({ orders, payments, afterSales }, order, {
				...action,
				items,
				number: ++this.opened
			});
		}
		return action.do === "cancel"
			? cancelOrder(this.orders, order, "buyer", undefined)
			: requestRefund(this.orders, order, "staff", "called off");
	}

	private async placeOrder(n: number, quantity: number): Promise<void> {
		const _id = orderId(n);
		const order = {
			...orderDefaults,
			_id,
			total: quantity * PRICE,
			items: [{ skuId: SKU, productId: "tea", quantity, price: PRICE + 100, amount: quantity * PRICE }],
			address: { phone: "" }
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

	/** The channel takes the money once and notifies the shop at each call. */
	private async pay(n: number, k: number, right: "right" | "wrong"): Promise<void> {
		const order = await this.orders.orders.get(orderId(n));
		const _id = paymentId(n, k);
		const amount = order.total + (right === "wrong" ? 1 : 0);
		const payment = {
			...paymentDefaults,
			_id,
			paymentNo: buildPaymentNo(_id),
			orderId: order._id,
			amount: order.total
		} as unknown as Payment;
		await this.payments.payments.insertOnce(payment, { _id });
		this.channel.receivePayment(payment.paymentNo, amount);
		const news = {
			amount: this.channel.receivedAmount(payment.paymentNo),
			currency: "CNY",
			channelTxnId: `T${_id}`,
			paidAt: new Date()
		};
		await markPaid(this.payments, payment, news);
	}

	/** Delivers one fact. Whatever becomes of the delivery, `settle` delivers the fact again. */
	deliver(): void {
		const news = this.queue.splice(this.scheduler.pick(Math.max(1, this.queue.length)), 1)[0];
		if (!news) return;
		this.delivered.push(news);
		void this.handle(news).catch(() => undefined);
	}

	private async handle({ event, payload }: StoredFact): Promise<void> {
		const news = payload as never;
		const {
			orderId,
			paymentId,
			reason,
			attempt,
			restock: goods,
			claimId,
			unsent,
			lines
		} = payload as FactPayload;
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
				await cancelCasesOfRefunded(this.afterSales, this.afterSales.broker, news);
				if (goods) return returnStock(this.inventory, orderId);
				return returnUnits(this.inventory, orderId, { cause: "unsent", by: "system", lines: unsent });
			case "order.units_refund_requested":
				return refundClaimedUnits(this.payments, news);
			case "order.units_refund_failed":
				return applyFailedCaseRefund(this.afterSales, news);
			case "order.units_refunded": {
				await applyCaseRefund(this.afterSales, news);
				const back = lines
					.map(line => ({ skuId: line.skuId, quantity: line.unsent }))
					.filter(({ quantity }) => quantity > 0);
				if (!back.length) return;
				return returnUnits(this.inventory, orderId, { cause: claimId, by: "system", lines: back });
			}
			case "after_sale.rejected":
			case "after_sale.cancelled": {
				await releaseUnits(this.orders, orderId, (payload as FactPayload).afterSaleId);
				return;
			}
			case "order.payment_refused":
				return refundRemainder(this.payments, paymentId, "UNCLAIMED", reason);
			case "order.refund_requested":
				return refundRemainder(this.payments, paymentId, `ORDER${attempt || ""}`, reason);
		}
	}

	private sweepOutboxes(): void {
		for (const { documents } of Object.values(this.collections))
			for (const { outbox } of documents.values() as Iterable<WithOutbox>)
				if (outbox?.length) this.enqueueOnce(outbox);
	}

	private async sweep(): Promise<void> {
		await sweepUnfinishedChanges(this.inventory, LATER).catch(() => undefined);
		for (const left of await this.payments.refunds.find({ status: { $in: ["requested", "processing"] } }))
			await continueRefund(this.payments, left, LATER).catch(() => undefined);
		await sweepCases(this.afterSales, LATER).catch(() => undefined);
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

	/** Ends the life: delivers all facts again and sweeps unfinished work until nothing is violated. */
	async settle(): Promise<void> {
		this.settling = true;
		for (let round = 0; round < 12; round++) {
			this.crash();
			await this.scheduler.run();
			this.queue.push(...this.delivered.splice(0));
			for (const news of this.queue.splice(0)) {
				void this.handle(news).catch(() => this.queue.push(news));
				await this.scheduler.run();
			}
			void this.sweep();
			await this.scheduler.run();
			for (const order of this.collections.orders.documents.values())
				if (order.status === "pending_payment")
					void cancelOrder(this.orders, order, "system", "expired").catch(() => undefined);
			await this.scheduler.run();
			if (round > 0 && !this.findViolations().length) return;
		}
	}

	/** Lists the violations once nothing is under way. */
	findViolations(): string[] {
		const violations = this.queue.map(({ event }) => `nobody could hear ${event}`);
		const { orders, stock, ledger, payments, refunds } = this.collections;
		let sold = 0;
		for (const { _id, status, items, timeline, paymentId } of orders.documents.values()) {
			if (!["paid", "shipped", "cancelled", "refunded", "failed"].includes(status))
				violations.push(`${_id} is still ${status}`);
			const { quantity = 0, shippedQuantity = 0, cancelledQuantity = 0 } = items[0] ?? {};
			if (isKept(status)) sold += quantity - cancelledQuantity;
			if (status === "refunded") sold += shippedQuantity;
			let at: Order["status"] = "creating";
			for (const { from, to } of timeline) {
				if (from !== at || !TRANSITIONS[from].includes(to))
					violations.push(`${_id} went from ${from} to ${to} when ${at}`);
				at = to;
			}
			const own = paymentId === undefined ? undefined : payments.documents.get(paymentId);
			if (isKept(status) && own?.paidAmount !== this.orderTotal(_id))
				violations.push(`${_id} is paid by what does not fit`);
		}
		for (const { _id, paymentNo, orderId, paidAmount, refunded } of payments.documents.values()) {
			const taken = this.channel.receivedAmount(paymentNo);
			const back = this.channel.refundedAmount(paymentNo);
			const order = orders.documents.get(orderId);
			const kept = order?.paymentId === _id && isKept(order.status);
			if (kept && order.refundedTotal !== back)
				violations.push(`${_id}: ${back} went back, its order knows of ${order.refundedTotal}`);
			if ((paidAmount ?? 0) !== taken)
				violations.push(`${_id}: the channel took ${taken}, booked are ${paidAmount}`);
			if (back !== refunded)
				violations.push(`${_id}: the channel sent back ${back}, booked are ${refunded}`);
			if (back > taken) violations.push(`${_id}: more went back than came`);
			if (!kept && back !== taken) violations.push(`${_id}: ${taken - back} fen belong to nobody`);
			const requested = [...refunds.documents.values()].some(
				r => r.paymentId === _id && (r.reason === "part" || r.claim)
			);
			const called = order?.timeline.some(({ by }) => by === "staff");
			if (order?.paymentId === _id && back === taken && !requested && !called)
				violations.push(`${_id}: sent back, and nobody requested that`);
		}
		violations.push(...findUnitViolations(this.collections));
		const now = stock.documents.get(SKU);
		if (!now) return ["no stock"];
		const ledgerSum = sumLedger([...ledger.documents.values()]);
		if (Math.min(now.available, now.reserved, now.sold) < 0) violations.push("a count below 0");
		if (now.available + now.reserved + now.sold !== this.units) violations.push("units came or went");
		if (now.sold !== sold || now.reserved !== 0)
			violations.push(`${now.sold} sold, ${now.reserved} reserved; paid orders took ${sold}`);
		if (ledgerSum.sold !== now.sold || ledgerSum.reserved !== now.reserved)
			violations.push("the ledger differs from the stock");
		return violations;
	}

	private orderTotal(id: string): number {
		return this.collections.orders.documents.get(id)?.total ?? 0;
	}
}

const isKept = (status: Order["status"]) => status === "paid" || status === "shipped";
const orderId = (n: number) => `order-${n}`;
const paymentId = (n: number, k: number) => `${n}P${k}`.padStart(26, "0");

const orderDefaults = {
	orderNo: "",
	userId: "u",
	status: "creating",
	fingerprint: "",
	fromCart: false,
	hidden: false,
	timeline: [],
	refusedPayments: [],
	failedRefunds: [],
	refundedTotal: 0,
	shippingFee: 0,
	currency: "CNY",
	expiresAt: LATER,
	createdAt: new Date(0),
	updatedAt: new Date(0)
};
const paymentDefaults = {
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
	pollCount: 0
};
