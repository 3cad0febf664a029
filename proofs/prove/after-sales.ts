import { unique } from "../../tests/support/builders";
import type { Market } from "./buyer";
import type { OrderAttempt } from "./history";
import type { Random } from "./random";
import type { Answer, ShopUser } from "./shop-user";

/** An order that was placed and paid, as far as its buyer knows. */
type Bought = OrderAttempt & { readonly id: string };
/** Ways the tracking service tells of a delivery. */
const PUSHES = ["once", "twice", "never", "forged"] as const;

/** What a buyer and staff do with the goods of an order once it is paid: they send, receive and give back, also at once. */
export class AfterSalesActor {
	constructor(
		private readonly user: ShopUser,
		private readonly market: Market,
		private readonly random: Random
	) {}

	/** Sends the order in one parcel or two, lets pushes tell of them, and has the buyer confirm. */
	async sendAndReceive(order: Bought): Promise<void> {
		const all = [{ skuId: order.skuId, quantity: order.quantity }];
		const inTwo = order.quantity > 1 && this.random.next() < 0.5;
		const parcels = inTwo
			? [[{ skuId: order.skuId, quantity: 1 }], [{ skuId: order.skuId, quantity: order.quantity - 1 }]]
			: [this.random.next() < 0.5 ? all : undefined];
		// Both at once, and the first one a second time: a number is good once, and no unit is sent twice.
		const numbers = parcels.map(() => unique("SF"));
		const sending = [...parcels.entries(), ...parcels.slice(0, 1).entries()].map(([n, items]) =>
			this.staff("ship", `/admin/orders/${order.id}/ship`, {
				carrier: "SF",
				trackingNo: numbers[n],
				...(items && { items })
			})
		);
		await Promise.all(sending);
		for (const trackingNo of numbers) await this.push(trackingNo);
		await this.user.send("confirm", "POST", `/orders/${order.id}/confirm`);
	}

	/** Asks units back that were not sent: by two cases at once, and by staff. Staff approve and reject while the buyer withdraws. */
	async refundUnsent(order: Bought): Promise<void> {
		const [first] = await Promise.all([this.open(order, "refund"), this.open(order, "refund")]);
		if (!first) return;
		await this.race([
			() => this.decide(first, "approve"),
			() => this.decide(first, "approve"),
			() => this.decide(first, "reject", { reason: "prove" }),
			() => this.withdraw(first)
		]);
	}

	/** Returns or exchanges units that were received. Staff receive the goods twice, and send new ones twice. */
	async giveBack(order: Bought): Promise<void> {
		await this.sendAndReceive(order);
		const type = this.random.pick(["return", "exchange", "refund"] as const);
		const opened = await this.open(order, type);
		if (!opened) return;
		const withdrawn = this.random.next() < 0.2 ? [() => this.withdraw(opened)] : [];
		await this.race([() => this.decide(opened, "approve"), ...withdrawn]);
		if (type === "refund") return;
		const parcel = { carrier: "ZTO", trackingNo: unique("ZT") };
		await this.user.send("send back", "POST", `/after-sales/${opened}/shipment`, parcel);
		const restock = this.random.next() < 0.5 ? [{ skuId: order.skuId, quantity: 1 }] : [];
		const receive = () => this.decide(opened, "received", { restock });
		await Promise.all([receive(), receive()]);
		if (type === "return") return;
		const trackingNo = unique("SF");
		const ship = () => this.decide(opened, "ship", { carrier: "SF", trackingNo });
		await Promise.all([ship(), ship()]);
		await this.push(trackingNo);
	}

	/** Opens a case for one unit, or for all; resolves to its id, or to null where none was opened for sure. */
	private async open(order: Bought, type: "refund" | "return" | "exchange"): Promise<string | null> {
		const reason = unique("prove ");
		const quantity = type === "refund" ? this.random.between(1, order.quantity) : 1;
		const items = [{ skuId: order.skuId, quantity }];
		const request = { orderId: order.id, type, items, reason };
		const { outcome, data } = await this.user.send(
			"case",
			"POST",
			"/after-sales",
			request,
			unique("prove-")
		);
		// Whether it is refunded is up to staff; once at most.
		if (outcome !== "refused" && type !== "exchange") order.refunds.push({ reason, outcome: "unknown" });
		if (outcome !== "ok") return null;
		this.market.history.caseIds.push(data.id as string);
		return data.id as string;
	}

	private async race(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
		const count = this.random.between(1, steps.length);
		await Promise.all(steps.slice(0, count).map(step => step()));
	}

	private decide = (caseId: string, step: string, body: object = {}): Promise<Answer> =>
		this.staff(`case ${step}`, `/admin/after-sales/${caseId}/${step}`, body);
	private withdraw = (caseId: string): Promise<Answer> =>
		this.user.send("withdraw", "POST", `/after-sales/${caseId}/cancel`);
	private staff = (operation: string, path: string, body: object): Promise<Answer> =>
		this.market.staff.send(operation, "POST", path, body);

	private push(trackingNo: string): Promise<Answer> {
		const told = { status: "delivered", notify: this.random.pick(PUSHES) };
		return this.user.send("push", "POST", `/sandbox/shipments/${trackingNo}/advance`, told);
	}
}
