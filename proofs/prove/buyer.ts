import { setTimeout as pause } from "node:timers/promises";
import { unique } from "../../tests/support/builders";
import type { Customer } from "./shop-user";
import type { Attempted, Ledger, Placing } from "./history";
import type { Random } from "./random";

const CHANNELS = ["alipay", "wechat"] as const;
/** How the channel tells of the money; by itself, twice, not at all, after a forgery, or late and so out of order. */
const TELLINGS = [
	{ notify: "once" },
	{ notify: "twice" },
	{ notify: "never" },
	{ notify: "forged" },
	{ notify: "once", delayMs: 1500 },
	{ notify: "twice", delayMs: 4000 }
] as const;

export type Market = {
	readonly ledger: Ledger;
	readonly staff: Customer;
	readonly skuIds: readonly string[];
	readonly going: () => boolean;
};

/** One buyer, who does what buyers do, in an order that the seed decides. */
export class Buyer {
	constructor(
		private readonly number: number,
		private readonly customer: Customer,
		private readonly addressId: string,
		private readonly market: Market,
		private readonly random: Random
	) {}

	async trade(): Promise<void> {
		const habits: readonly (() => Promise<unknown>)[] = [
			this.buy,
			this.buy,
			this.buy,
			this.buyAndCancel,
			this.abandon,
			this.clickTwice,
			this.grabMany,
			this.payWhileCancelling,
			this.payUnheardAndCancel,
			this.payBothChannels,
			this.beCalledOff,
			this.getPartBack,
			this.receive
		];
		while (this.market.going()) await this.random.pick(habits).call(this);
	}

	private async buy(): Promise<Placing | null> {
		const placing = await this.place();
		if (placing) await this.pay(placing);
		return placing;
	}

	/** Bought, and looked at till the shop knows that it is paid; a look at a payment makes it ask the channel. */
	private async bought(): Promise<Placing | null> {
		const placing = await this.buy();
		for (let looks = 0; placing?.id && looks < 10; looks++) {
			const { outcome, data } = await this.customer.send("look", "GET", `/orders/${placing.id}`);
			if (outcome === "ok" && data.status === "paid") break;
			const paymentId: string | undefined = data?.payment?.id;
			if (paymentId) await this.customer.send("look", "GET", `/payments/${paymentId}`);
			await pause(100);
		}
		return placing;
	}

	private async buyAndCancel(): Promise<void> {
		const placing = await this.place();
		if (placing) await this.cancel(placing);
	}

	/** Left to run out, with or without a payment begun. */
	private async abandon(): Promise<void> {
		const placing = await this.place();
		if (placing && this.random.next() < 0.5) await this.begin(placing, this.random.pick(CHANNELS));
	}

	private async clickTwice(): Promise<void> {
		const draft = this.draft();
		const told = await Promise.all([this.order(draft), this.order(draft), this.order(draft)]);
		const ids = new Set(
			told.flatMap(answer => (answer.outcome === "ok" ? [answer.data.id as string] : []))
		);
		if (ids.size > 1) this.market.ledger.broken.push(`One key placed ${[...ids].join(" and ")}`);
		if (!draft.id && told.some(({ outcome }) => outcome === "unknown")) draft.outcome = "unknown";
		if (draft.id) await this.pay(draft);
	}

	/** Several orders at the same time, of one SKU: some are cancelled, the others kept. */
	private async grabMany(): Promise<void> {
		const skuId = this.random.pick(this.market.skuIds);
		const placed = await Promise.all(Array.from({ length: 4 }, () => this.place(skuId)));
		const orders = placed.flatMap(placing => placing ?? []);
		await Promise.all(orders.map((placing, n) => (n % 2 ? this.cancel(placing) : this.pay(placing))));
	}

	private async payWhileCancelling(): Promise<void> {
		const placing = await this.place();
		const attempt = placing && (await this.begin(placing, this.random.pick(CHANNELS)));
		if (!placing || !attempt) return;
		await Promise.all([this.settle(attempt), this.cancel(placing)]);
	}

	/** The channel has the money, the shop does not know, and the buyer cancels. */
	private async payUnheardAndCancel(): Promise<void> {
		const placing = await this.place();
		const attempt = placing && (await this.begin(placing, this.random.pick(CHANNELS)));
		if (!placing || !attempt) return;
		await this.settle(
			attempt,
			this.random.pick([{ notify: "never" }, { notify: "twice", delayMs: 800 }])
		);
		await this.cancel(placing);
	}

	private async payBothChannels(): Promise<void> {
		const placing = await this.place();
		if (!placing) return;
		const attempts = [await this.begin(placing, "alipay"), await this.begin(placing, "wechat")];
		await Promise.all(attempts.flatMap(attempt => (attempt ? this.settle(attempt) : [])));
	}

	private async beCalledOff(): Promise<void> {
		const placing = await this.bought();
		if (!placing?.id) return;
		placing.calledOff = true;
		const path = `/admin/orders/${placing.id}/cancel`;
		await this.market.staff.send("call off", "POST", path, { reason: "prove" });
	}

	/** Two parts at once, one of them sent twice; together they may be more than was paid. The second is an amount or a unit. */
	private async getPartBack(): Promise<void> {
		const placing = await this.bought();
		const paid = placing?.payments.find(({ took }) => took === "yes");
		if (!placing?.id || !paid) return;
		const { items } = await this.market.staff
			.mustSend("GET", `/admin/payments?paymentNo=${paid.paymentNo}`)
			.catch(() => ({ items: [] }));
		const paymentId: string | undefined = items[0]?.id;
		if (!paymentId) return;
		const part = (share: number) => Math.max(1, Math.floor(paid.amount * share));
		const unit = { items: [{ skuId: placing.skuId, quantity: 1 }] };
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
		placing.refunds.push(...(await Promise.all(asked)));
	}

	private async receive(): Promise<void> {
		const placing = await this.bought();
		if (!placing?.id) return;
		const parcel = { carrier: "SF", trackingNo: unique("SF") };
		const shipped = await this.market.staff.send(
			"ship",
			"POST",
			`/admin/orders/${placing.id}/ship`,
			parcel
		);
		if (shipped.outcome === "ok")
			await this.customer.send("confirm", "POST", `/orders/${placing.id}/confirm`);
	}

	private draft(skuId = this.random.pick(this.market.skuIds)): Placing {
		const { ledger } = this.market;
		const quantity = this.random.between(1, 3);
		const body = { items: [{ skuId, quantity }], addressId: this.addressId };
		const draft: Placing = {
			buyer: this.number,
			key: unique("prove-"),
			body,
			skuId,
			quantity,
			outcome: "unknown",
			payments: [],
			refunds: []
		};
		ledger.placings.push(draft);
		return draft;
	}

	private async order(placing: Placing) {
		const answer = await this.customer.send("order", "POST", "/orders", placing.body, placing.key);
		if (answer.outcome === "ok")
			Object.assign(placing, { outcome: "ok", id: answer.data.id, total: answer.data.total });
		else if (placing.outcome !== "ok") placing.outcome = answer.outcome;
		return answer;
	}

	private async place(skuId?: string): Promise<Placing | null> {
		const placing = this.draft(skuId);
		await this.order(placing);
		if (placing.outcome === "refused") await pause(5);
		return placing.outcome === "ok" ? placing : null;
	}

	/** Sends an order of unknown outcome again under its key: from then on it is known. */
	resolve(placing: Placing) {
		return this.order(placing);
	}

	async cancel(placing: Placing): Promise<void> {
		const { outcome } = await this.customer.send("cancel", "POST", `/orders/${placing.id}/cancel`, {});
		if (outcome === "ok") placing.cancelled = true;
	}

	private async begin(placing: Placing, channel: (typeof CHANNELS)[number]): Promise<Attempted | null> {
		const wanted = { orderId: placing.id, channel, scene: this.random.pick(["page", "wap", "qr"]) };
		const { outcome, data } = await this.customer.send(
			"pay",
			"POST",
			"/payments",
			wanted,
			unique("prove-")
		);
		if (outcome !== "ok") return null;
		const attempt: Attempted = { paymentNo: data.paymentNo, amount: data.amount, took: "no" };
		placing.payments.push(attempt);
		return attempt;
	}

	/** The emulated channel takes the money, and tells of it in some way. */
	private async settle(attempt: Attempted, telling: object = this.random.pick(TELLINGS)): Promise<void> {
		const path = `/sandbox/payments/${attempt.paymentNo}/pay`;
		const { outcome, data } = await this.customer.send("money", "POST", path, {
			outcome: "success",
			...telling
		});
		if (outcome === "unknown") attempt.took = "unknown";
		if (outcome === "ok" && data.outcome === "paid") attempt.took = "yes";
	}

	private async pay(placing: Placing): Promise<void> {
		const attempt = await this.begin(placing, this.random.pick(CHANNELS));
		if (attempt) await this.settle(attempt);
	}
}
