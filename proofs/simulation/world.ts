import type { StoredFact } from "../../infrastructure/facts/transport";
import { fact } from "../../schemas/registry";
import { sweepCases } from "../../services/after-sales/sweep-cases";
import {
	sweepOverdueReservations,
	sweepUnfinishedChanges
} from "../../services/inventory/sweep-reservations";
import { takeBenefits } from "../../services/orders/benefits";
import { cancelOrder, requestRefund, transition } from "../../services/orders/order.transitions";
import { undoAbandonedPlacing, undoPlacing } from "../../services/orders/undo-placing";
import { markPaid } from "../../services/payments/mark-payment";
import { buildPaymentNo } from "../../services/payments/payment.domain";
import { continueRefund, refundPayment } from "../../services/payments/refunds/refund-payment";
import { reserveStock } from "../../services/inventory/reserve-stock";
import { sweepAccounts } from "../../services/points/change-account";
import { sweepQuotas } from "../../mixins/quotas";
import { giveBack, type GivingBack } from "./after-sales";
import { Channel } from "./channel";
import { handleFact } from "./deliver-fact";
import { findViolations } from "./find-violations";
import {
	draftOrder,
	draftPayment,
	LATER,
	SKU,
	stockShop,
	toOrderId,
	toPaymentId,
	type Offers
} from "./goods";
import type { Scheduler } from "./scheduler";
import { createCollections, listOutboxes, startServices, type Services } from "./services";

/** When whatever was begun in a life is overdue. */
const OVERDUE = new Date(LATER.getTime() + 1000);
/** When reservations of orders are swept: a fact that should have ended one must not be missed without a trace. */
const NEVER = new Date(LATER.getTime() + 86_400_000);

/** An action of a buyer, staff or a channel; `n` is the number of the order, `k` of its payment. */
export type Action =
	| ({ readonly do: "order" | "orderAll"; readonly n: number; readonly quantity: number } & Offers)
	| { readonly do: "money"; readonly n: number; readonly k: number; readonly amount: "right" | "wrong" }
	| { readonly do: "cancel" | "adminCancel" | "sweep"; readonly n: number }
	| { readonly do: "refund"; readonly n: number; readonly k: number; readonly part: number }
	| GivingBack
	| { readonly do: "crash" };

type Placing = Pick<Extract<Action, Offers>, "n" | "quantity" | keyof Offers>;

/** Runs the services' own code over stores in memory, in one process at a time, which may crash at any operation. */
export class World {
	private process = {};
	private isEnding = false;
	private readonly turn = () => this.scheduler.waitForTurn(this.process);
	private readonly collections = createCollections(this.turn);
	/** Facts to be delivered, at least once and in any order. */
	private readonly queue: StoredFact[] = [];
	private readonly delivered: StoredFact[] = [];
	private readonly publishedIds = new Set<string>();
	private readonly channel = new Channel(this.turn, () => !this.isEnding && this.scheduler.pick(4) === 3);
	private services: Services;
	private acts = 0;

	constructor(
		private readonly scheduler: Scheduler,
		private readonly units: number
	) {
		stockShop(this.collections, units);
		this.services = this.startProcess();
	}

	/** Starts a process with new stores over the same documents. */
	private startProcess(): Services {
		this.process = {};
		const { turn, channel } = this;
		const enqueue = (facts: readonly StoredFact[]) => this.enqueueOnce(facts);
		return startServices(this.collections, { turn, channel, enqueue });
	}

	private enqueueOnce(facts: readonly StoredFact[]): void {
		for (const fact of facts.filter(({ id }) => !this.publishedIds.has(id))) {
			this.publishedIds.add(fact.id);
			this.queue.push(fact);
		}
	}

	/** Starts the action beside the running ones. A refusal is a valid outcome and ignored. */
	start(action: Action): void {
		if (action.do === "crash") return this.crash();
		void this.perform(action).catch(() => undefined);
	}

	private crash(): void {
		this.scheduler.kill(this.process);
		this.services = this.startProcess();
		// Unacknowledged facts are delivered again; the sweep publishes the facts left in outboxes.
		this.enqueueOnce(listOutboxes(this.collections));
	}

	private async perform(action: Exclude<Action, { do: "crash" }>): Promise<unknown> {
		const { orders, payments } = this.services;
		switch (action.do) {
			case "order":
				return this.placeOrder(action);
			case "orderAll":
				return Promise.all([0, 1, 2].map(n => this.placeOrder({ ...action, n })));
			case "money":
				return this.pay(action.n, action.k, action.amount);
			case "sweep":
				return this.sweep();
			case "refund": {
				const payment = await payments.payments.get(toPaymentId(action.n, action.k));
				const amount = Math.max(1, Math.floor(((payment.paidAmount ?? 0) * action.part) / 100));
				const refundNo = `R_${payment.paymentNo}_${action.part}`;
				return refundPayment(payments, payment, { refundNo, amount, reason: "part" });
			}
			case "cancel":
				return cancelOrder(orders, await this.getOrder(action.n), "buyer", undefined);
			case "adminCancel":
				return requestRefund(orders, await this.getOrder(action.n), "staff", "called off");
			default: {
				const order = await this.getOrder(action.n);
				return giveBack(this.services, order, { ...action, number: ++this.acts });
			}
		}
	}

	private getOrder = (n: number) => this.services.orders.orders.get(toOrderId(n));

	/** The steps of `placeOrder` after the price is known. */
	private async placeOrder({ n, quantity, ...offers }: Placing): Promise<void> {
		const { orders, inventory } = this.services;
		const order = draftOrder(n, quantity, offers);
		const { _id, userId, total } = order;
		await orders.orders.insert(order);
		try {
			await takeBenefits(orders.broker, order);
			await reserveStock(inventory, _id, [{ skuId: SKU, quantity }], NEVER);
		} catch {
			return undoPlacing(orders, orders.broker, order, "refused");
		}
		await transition(
			orders,
			order,
			{ to: "pending_payment", event: "created", by: "buyer", deadline: LATER },
			fact("order.created", {
				orderId: _id,
				userId,
				orderNo: _id,
				total,
				lines: [],
				fromCart: false,
				expiresAt: LATER.toISOString()
			})
		);
	}

	/** The channel takes the money once and notifies the shop at each call. */
	private async pay(n: number, k: number, right: "right" | "wrong"): Promise<void> {
		const { payments } = this.services;
		const order = await this.getOrder(n);
		const _id = toPaymentId(n, k);
		const payment = draftPayment(_id, order, buildPaymentNo(_id));
		await payments.payments.insertOnce(payment, { _id });
		this.channel.receivePayment(payment.paymentNo, order.total + (right === "wrong" ? 1 : 0));
		await markPaid(payments, payment, {
			amount: this.channel.receivedAmount(payment.paymentNo),
			currency: "CNY",
			channelTxnId: `T${_id}`,
			paidAt: new Date()
		});
	}

	/** Delivers one fact. Whatever becomes of the delivery, `bringToRest` delivers the fact again. */
	deliver(): void {
		const fact = this.queue.splice(this.scheduler.pick(Math.max(1, this.queue.length)), 1)[0];
		if (!fact) return;
		this.delivered.push(fact);
		void handleFact(this.services, fact).catch(() => undefined);
	}

	private async sweep(): Promise<void> {
		const { inventory, orders, payments, afterSales, points, promotions } = this.services;
		await sweepUnfinishedChanges(inventory, OVERDUE).catch(() => undefined);
		for (const left of await payments.refunds.find({ status: { $in: ["requested", "processing"] } }))
			await continueRefund(payments, left, OVERDUE).catch(() => undefined);
		await sweepCases(afterSales, OVERDUE).catch(() => undefined);
		for (const order of await orders.orders.find({ status: "creating" }))
			await undoAbandonedPlacing(orders, order).catch(() => undefined);
		await sweepOverdueReservations(inventory, OVERDUE).catch(() => undefined);
		await sweepQuotas(promotions, OVERDUE).catch(() => undefined);
		await sweepAccounts(points, new Date(0), OVERDUE);
	}

	/** Ends the life: delivers all facts again and sweeps unfinished work until nothing is violated. */
	async bringToRest(): Promise<void> {
		this.isEnding = true;
		for (let round = 0; round < 12; round++) {
			this.crash();
			await this.scheduler.run();
			this.queue.push(...this.delivered.splice(0));
			for (const fact of this.queue.splice(0)) {
				void handleFact(this.services, fact).catch(() => this.queue.push(fact));
				await this.scheduler.run();
			}
			void this.sweep();
			await this.scheduler.run();
			for (const order of this.collections.orders.documents.values())
				if (order.status === "pending_payment")
					void cancelOrder(this.services.orders, order, "system", "expired").catch(() => undefined);
			await this.scheduler.run();
			if (round > 0 && !this.findViolations().length) return;
		}
	}

	/** Lists the violations once nothing is under way. */
	findViolations(): string[] {
		const unheard = this.queue.map(({ event }) => `nobody could hear ${event}`);
		return [...unheard, ...findViolations(this.collections, this.channel, this.units)];
	}
}
