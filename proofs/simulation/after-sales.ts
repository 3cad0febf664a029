import type { Ctx } from "../../schemas/kit/service";
import type { Demand } from "../../schemas/values/demand";
import { canWithdraw, type AfterSale } from "../../services/after-sales/after-sale.domain";
import { approveForStaff } from "../../services/after-sales/decide-case";
import { endCase } from "../../services/after-sales/end-case";
import { completeExchange, shipExchange } from "../../services/after-sales/exchange-goods";
import { openCase } from "../../services/after-sales/open-case";
import { receiveGoods, sendBack } from "../../services/after-sales/return-goods";
import type { Order } from "../../services/orders/order.domain";
import { confirmReceipt } from "../../services/orders/order.transitions";
import { sendParcel } from "../../services/orders/send-parcel";
import { sendStaffRefund } from "../../services/payments/refunds/staff-refund";
import { BUYER, SKU } from "./goods";
import type { Services } from "./services";

/** What buyer and staff do with units that were bought. `return` and `exchange` go through all steps of such a case. */
export const ACTS = [
	"case",
	"approve",
	"withdraw",
	"reject",
	"approveAndWithdraw",
	"ship",
	"confirm",
	"staffRefund",
	"return",
	"exchange"
] as const;
export type GivingBack = {
	readonly do: (typeof ACTS)[number];
	readonly n: number;
	readonly quantity: number;
};

/** Lets the buyer or staff do something with units of an order. `number` makes the ids of this act unique. */
export async function giveBack(
	services: Services,
	order: Order,
	{ do: act, quantity, number }: GivingBack & { readonly number: number }
): Promise<unknown> {
	const desk = new CaseActor(services, order, [{ skuId: SKU, quantity }], number);
	switch (act) {
		case "case":
			return desk.open("refund");
		case "ship":
			return desk.sendParcel();
		case "confirm":
			return confirmReceipt(services.orders, order);
		case "staffRefund":
			return desk.refundForStaff();
		case "approve":
			return desk.approve();
		case "withdraw":
			return desk.withdraw();
		case "reject":
			return desk.reject();
		case "approveAndWithdraw":
			return Promise.allSettled([desk.approve(), desk.withdraw()]);
		case "return":
		case "exchange":
			return desk.takeBack(act);
	}
}

/** The cases of one order. A step is refused where the case is not in the state for it. */
class CaseActor {
	private readonly ctx: Ctx<unknown>;

	constructor(
		private readonly services: Services,
		private readonly order: Order,
		private readonly items: readonly Demand[],
		private readonly number: number
	) {
		this.ctx = services.afterSales.broker as unknown as Ctx<unknown>;
	}

	open(type: AfterSale["type"]): Promise<AfterSale> {
		const once = { key: `key-${this.number}`, fingerprint: "" };
		const request = { orderId: this.order._id, userId: BUYER, type, items: [...this.items], reason: "?" };
		return openCase(this.services.afterSales, this.ctx, { ...request, ...once });
	}

	sendParcel(): Promise<Order> {
		const items = [...this.items];
		const parcel = { id: this.order._id, carrier: "SF", trackingNo: String(this.number), items };
		return sendParcel(this.services.orders, this.ctx, this.order, parcel, "staff");
	}

	async refundForStaff(): Promise<unknown> {
		const { payments } = this.services;
		const payment = await payments.payments.get(this.order.paymentId ?? "");
		const request = { bareAmount: null, items: [...this.items], shipping: false, reason: "units" };
		return sendStaffRefund(payments, this.ctx, payment, `staff${this.number}`, request);
	}

	async approve(): Promise<unknown> {
		return approveForStaff(this.services.afterSales, this.ctx, await this.findOpen(), { by: "staff" });
	}

	async withdraw(): Promise<unknown> {
		const found = await this.findOpen();
		if (!canWithdraw(found)) return;
		return this.end(found, "withdrawn");
	}

	reject = async (): Promise<unknown> => this.end(await this.findOpen(), "rejected");

	/** Sends the units, and takes them back by a case: all of its steps, each of which others may prevent. */
	async takeBack(type: "return" | "exchange"): Promise<void> {
		const { afterSales } = this.services;
		await this.sendParcel().catch(() => undefined); // they may have been sent before
		const { _id } = await this.open(type);
		const read = () => afterSales.cases.get(_id);
		const sent = { carrier: "SF", trackingNo: String(this.number) };
		await approveForStaff(afterSales, this.ctx, await read(), { by: "staff" });
		await sendBack(afterSales, await read(), sent);
		const restock = this.items.map(({ skuId }) => ({ skuId, quantity: 1 })); // the others are not fit to sell
		await receiveGoods(afterSales, this.ctx, await read(), { restock, by: "staff" });
		if (type === "return") return;
		await shipExchange(afterSales, this.ctx, await read(), { ...sent, by: "staff" });
		await completeExchange(afterSales, await read(), "delivered");
	}

	private end(found: AfterSale, event: "withdrawn" | "rejected"): Promise<unknown> {
		const { afterSales } = this.services;
		return endCase(afterSales, afterSales.broker, found, { event, by: "somebody", reason: "?" });
	}

	private async findOpen(): Promise<AfterSale> {
		const open = { $in: ["requested", "approved"] } as const;
		const [found] = await this.services.afterSales.cases.find({ orderId: this.order._id, status: open });
		if (!found) throw new Error("No open case");
		return found;
	}
}
