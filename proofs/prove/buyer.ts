import { setTimeout as pause } from "node:timers/promises";
import { unique } from "../../tests/support/builders";
import { AfterSalesActor } from "./after-sales";
import type { ShopUser } from "./shop-user";
import type { Offers } from "./offers";
import type { PaymentAttempt, History, OrderAttempt } from "./history";
import type { Random } from "./random";

const CHANNELS = ["alipay", "wechat"] as const;
/** Ways a channel notifies of a payment: once, twice, never, after a forged notification, or late and so out of order. */
const NOTIFICATIONS = [
	{ notify: "once" },
	{ notify: "twice" },
	{ notify: "never" },
	{ notify: "forged" },
	{ notify: "once", delayMs: 1500 },
	{ notify: "twice", delayMs: 4000 }
] as const;

export type Market = {
	readonly history: History;
	readonly staff: ShopUser;
	readonly skuIds: readonly string[];
	readonly offers: Offers;
	readonly isTrading: () => boolean;
};

/** A buyer whose activities are chosen by the seed. */
export class Buyer {
	/** Codes of the coupons claimed so far; the shop says which of them are used. */
	private readonly couponCodes: string[] = [];
	private readonly afterSales: AfterSalesActor;

	constructor(
		private readonly number: number,
		private readonly user: ShopUser,
		private readonly addressId: string,
		private readonly market: Market,
		private readonly random: Random
	) {
		this.afterSales = new AfterSalesActor(user, market, random);
	}

	async trade(): Promise<void> {
		const activities: readonly (() => Promise<unknown>)[] = [
			this.buy,
			this.buy,
			this.buy,
			this.buyAndCancel,
			this.abandon,
			this.clickTwice,
			this.placeManyAtOnce,
			this.payWhileCancelling,
			this.cancelBeforeNotification,
			this.payBothChannels,
			this.buyAndAdminCancel,
			this.buyAndRefundParts,
			() => this.handle((afterSales, order) => afterSales.sendAndReceive(order)),
			() => this.handle((afterSales, order) => afterSales.refundUnsent(order)),
			() => this.handle((afterSales, order) => afterSales.giveBack(order)),
			this.claimCoupons,
			this.useCouponInManyOrders
		];
		while (this.market.isTrading()) await this.random.pick(activities).call(this);
	}

	private async buy(): Promise<OrderAttempt | null> {
		const attempt = await this.place();
		if (attempt) await this.pay(attempt);
		return attempt;
	}

	/** Reading a payment makes the shop query the channel, so polling ends even without a notification. */
	private async buyAndWaitUntilPaid(): Promise<OrderAttempt | null> {
		const attempt = await this.buy();
		for (let looks = 0; attempt?.id && looks < 10; looks++) {
			const { outcome, data } = await this.user.send("read", "GET", `/orders/${attempt.id}`);
			if (outcome === "ok" && data.status === "paid") break;
			const paymentId: string | undefined = data?.payment?.id;
			if (paymentId) await this.user.send("read", "GET", `/payments/${paymentId}`);
			await pause(100);
		}
		return attempt;
	}

	private async buyAndCancel(): Promise<void> {
		const attempt = await this.place();
		if (attempt) await this.cancel(attempt);
	}

	/** Claims two coupons of a template at once. */
	private async claimCoupons(): Promise<void> {
		const path = `/coupons/templates/${this.random.pick(this.market.offers.templateIds)}/claim`;
		const claims = [0, 1].map(() => this.user.send("claim", "POST", path, {}));
		for (const { outcome, data } of await Promise.all(claims))
			if (outcome === "ok") this.couponCodes.push(data.code);
	}

	/** Places three orders with one coupon at the same time, and cancels the one that got it or pays for it. */
	private async useCouponInManyOrders(): Promise<void> {
		const couponCode = this.couponCodes.at(-1);
		if (couponCode === undefined) return this.claimCoupons();
		const placed = await Promise.all([0, 1, 2].map(() => this.place(undefined, { couponCode })));
		const goOn = this.random.next() < 0.5 ? this.cancel : this.pay;
		await Promise.all(placed.flatMap(attempt => (attempt ? [goOn.call(this, attempt)] : [])));
	}

	/** Lets the order expire, with or without a started payment. */
	private async abandon(): Promise<void> {
		const attempt = await this.place();
		if (attempt && this.random.next() < 0.5) await this.startPayment(attempt, this.random.pick(CHANNELS));
	}

	private async clickTwice(): Promise<void> {
		const attempt = this.recordAttempt();
		const told = await Promise.all([
			this.sendOrder(attempt),
			this.sendOrder(attempt),
			this.sendOrder(attempt)
		]);
		const ids = new Set(
			told.flatMap(answer => (answer.outcome === "ok" ? [answer.data.id as string] : []))
		);
		if (ids.size > 1) this.market.history.brokenPromises.push(`One key placed ${[...ids].join(" and ")}`);
		if (!attempt.id && told.some(({ outcome }) => outcome === "unknown")) attempt.outcome = "unknown";
		if (attempt.id) await this.pay(attempt);
	}

	/** Places several orders of one SKU at the same time; cancels every second one and pays the others. */
	private async placeManyAtOnce(): Promise<void> {
		const skuId = this.random.pick(this.market.skuIds);
		const placed = await Promise.all(Array.from({ length: 4 }, () => this.place(skuId)));
		const orders = placed.flatMap(attempt => attempt ?? []);
		await Promise.all(orders.map((attempt, n) => (n % 2 ? this.cancel(attempt) : this.pay(attempt))));
	}

	private async payWhileCancelling(): Promise<void> {
		const attempt = await this.place();
		const payment = attempt && (await this.startPayment(attempt, this.random.pick(CHANNELS)));
		if (!attempt || !payment) return;
		await Promise.all([this.payAtChannel(payment), this.cancel(attempt)]);
	}

	/** Cancels an order whose payment the channel has taken, but not reported yet. */
	private async cancelBeforeNotification(): Promise<void> {
		const attempt = await this.place();
		const payment = attempt && (await this.startPayment(attempt, this.random.pick(CHANNELS)));
		if (!attempt || !payment) return;
		await this.payAtChannel(
			payment,
			this.random.pick([{ notify: "never" }, { notify: "twice", delayMs: 800 }])
		);
		await this.cancel(attempt);
	}

	private async payBothChannels(): Promise<void> {
		const attempt = await this.place();
		if (!attempt) return;
		const attempts = [
			await this.startPayment(attempt, "alipay"),
			await this.startPayment(attempt, "wechat")
		];
		await Promise.all(attempts.flatMap(payment => (payment ? this.payAtChannel(payment) : [])));
	}

	private async buyAndAdminCancel(): Promise<void> {
		const attempt = await this.buyAndWaitUntilPaid();
		if (!attempt?.id) return;
		attempt.adminCancelled = true;
		const path = `/admin/orders/${attempt.id}/cancel`;
		await this.market.staff.send("staff cancel", "POST", path, { reason: "prove" });
	}

	/** Requests two partial refunds at once, the first one twice under one key; together they may exceed the payment. */
	private async buyAndRefundParts(): Promise<void> {
		const attempt = await this.buyAndWaitUntilPaid();
		const paid = attempt?.payments.find(({ taken }) => taken === "yes");
		if (!attempt?.id || !paid) return;
		const { items } = await this.market.staff
			.mustSend("GET", `/admin/payments?paymentNo=${paid.paymentNo}`)
			.catch(() => ({ items: [] }));
		const paymentId: string | undefined = items[0]?.id;
		if (!paymentId) return;
		const part = (share: number) => Math.max(1, Math.floor(paid.amount * share));
		const unit = { items: [{ skuId: attempt.skuId, quantity: 1 }] };
		const first = { key: unique("refund-"), what: { amount: part(0.6) }, reason: unique("prove ") };
		const second = {
			key: unique("refund-"),
			what: this.random.pick([unit, { amount: part(this.random.next()) }]),
			reason: unique("prove ")
		};
		const asked = [first, first, second].map(async ({ key, what, reason }) => {
			const path = `/admin/payments/${paymentId}/refund`;
			const { outcome } = await this.market.staff.send(
				"refund",
				"POST",
				path,
				{ ...what, reason },
				key
			);
			return { reason, outcome };
		});
		attempt.refunds.push(...(await Promise.all(asked)));
	}

	/** Has staff and buyer do something with a paid order of this buyer. */
	private async handle(
		work: (afterSales: AfterSalesActor, order: OrderAttempt & { id: string }) => Promise<void>
	) {
		const attempt = await this.buyAndWaitUntilPaid();
		if (attempt?.id) await work(this.afterSales, attempt as OrderAttempt & { id: string });
	}

	private recordAttempt(
		skuId = this.random.pick(this.market.skuIds),
		benefits = this.chooseBenefits()
	): OrderAttempt {
		const { history } = this.market;
		const quantity = this.random.between(1, 3);
		const body = { items: [{ skuId, quantity }], addressId: this.addressId, ...benefits };
		const attempt: OrderAttempt = {
			buyer: this.number,
			key: unique("prove-"),
			body,
			skuId,
			quantity,
			outcome: "unknown",
			payments: [],
			refunds: []
		};
		history.orderAttempts.push(attempt);
		return attempt;
	}

	/** A coupon in one of six orders, which may be used already, and some points in another. */
	private chooseBenefits(): object {
		const dice = this.random.between(1, 6);
		if (dice === 1) return { usePoints: this.random.between(1, 100) };
		return dice === 2 && this.couponCodes.length
			? { couponCode: this.random.pick(this.couponCodes) }
			: {};
	}

	private async sendOrder(attempt: OrderAttempt) {
		const answer = await this.user.send("order", "POST", "/orders", attempt.body, attempt.key);
		if (answer.outcome === "ok")
			Object.assign(attempt, { outcome: "ok", id: answer.data.id, total: answer.data.total });
		else if (attempt.outcome !== "ok") attempt.outcome = answer.outcome;
		return answer;
	}

	private async place(skuId?: string, benefits?: object): Promise<OrderAttempt | null> {
		const attempt = this.recordAttempt(skuId, benefits);
		await this.sendOrder(attempt);
		if (attempt.outcome === "refused") await pause(5);
		return attempt.outcome === "ok" ? attempt : null;
	}

	/** Repeats an order of unknown outcome under its key to learn the outcome. */
	resendOrder(attempt: OrderAttempt) {
		return this.sendOrder(attempt);
	}

	async cancel(attempt: OrderAttempt): Promise<void> {
		const { outcome } = await this.user.send("cancel", "POST", `/orders/${attempt.id}/cancel`, {});
		if (outcome === "ok") attempt.cancelled = true;
	}

	private async startPayment(
		attempt: OrderAttempt,
		channel: (typeof CHANNELS)[number]
	): Promise<PaymentAttempt | null> {
		const wanted = { orderId: attempt.id, channel, scene: this.random.pick(["page", "wap", "qr"]) };
		const { outcome, data } = await this.user.send("pay", "POST", "/payments", wanted, unique("prove-"));
		if (outcome !== "ok") return null;
		const payment: PaymentAttempt = { paymentNo: data.paymentNo, amount: data.amount, taken: "no" };
		attempt.payments.push(payment);
		return payment;
	}

	/** Has the emulated channel take the money and notify the shop. */
	private async payAtChannel(
		payment: PaymentAttempt,
		notification: object = this.random.pick(NOTIFICATIONS)
	): Promise<void> {
		const path = `/sandbox/payments/${payment.paymentNo}/pay`;
		const { outcome, data } = await this.user.send("channel pay", "POST", path, {
			outcome: "success",
			...notification
		});
		if (outcome === "unknown") payment.taken = "unknown";
		if (outcome === "ok" && data.outcome === "paid") payment.taken = "yes";
	}

	private async pay(attempt: OrderAttempt): Promise<void> {
		const payment = await this.startPayment(attempt, this.random.pick(CHANNELS));
		if (payment) await this.payAtChannel(payment);
	}
}
