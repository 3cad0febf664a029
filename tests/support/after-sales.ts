import { unique } from "./builders";
import type { PayingShop } from "./payments/paying-shop";
import type { Reply } from "./shop";
import { until } from "./until";

type Data = Reply["body"]["data"];
type Line = { readonly skuId: string; readonly quantity: number };

/** After-sales cases of a paying shop's shopper, by its gateway. */
export class CaseDesk {
	constructor(private readonly shop: PayingShop) {}

	/** A paid order of these lines; `more` are further fields of its request. */
	async buy(
		lines: readonly Line[] = [{ skuId: this.shop.skuId, quantity: 1 }],
		more: object = {}
	): Promise<{ order: Data; payment: Data }> {
		const { shopper } = this.shop;
		const addressId = await shopper.address();
		const body = { items: lines, addressId, ...more };
		const { id } = await shopper.mustSend("POST", "/orders", body, unique("order-"));
		const payment = await shopper.createPayment(id, "wechat");
		await shopper.payAtChannel(payment.paymentNo);
		return { order: await this.shop.waitForOrder(id, "paid"), payment };
	}

	ship = (orderId: string, items?: readonly Line[]): Promise<Data> =>
		this.shop.staff.mustSend("POST", `/admin/orders/${orderId}/ship`, {
			carrier: "顺丰速运",
			trackingNo: unique("SF"),
			...(items && { items })
		});

	/** An order whose goods the buyer has received. */
	async buyAndReceive(lines?: readonly Line[], more?: object): Promise<{ order: Data; payment: Data }> {
		const { order, payment } = await this.buy(lines, more);
		await this.ship(order.id);
		return {
			order: await this.shop.shopper.mustSend("POST", `/orders/${order.id}/confirm`),
			payment
		};
	}

	/** Tries to open a case. */
	ask = (
		orderId: string,
		quantity: number,
		{ type = "refund", skuId = this.shop.skuId, key = unique("case-"), ...more }: Asked = {}
	): Promise<Reply> =>
		this.shop.shopper.send(
			"POST",
			"/after-sales",
			{ orderId, type, items: [{ skuId, quantity }], reason: "不想要了", ...more },
			key
		);

	async open(orderId: string, quantity: number, asked: Asked = {}): Promise<Data> {
		const { status, body } = await this.ask(orderId, quantity, asked);
		if (status !== 201) throw new Error(`Case: ${status} ${JSON.stringify(body)}`);
		return body.data;
	}

	get = (id: string): Promise<Data> => this.shop.shopper.mustSend("GET", `/after-sales/${id}`);
	asStaff = (id: string, step: string, body: object = {}): Promise<Reply> =>
		this.shop.staff.send("POST", `/admin/after-sales/${id}/${step}`, body);
	asBuyer = (id: string, step: string, body?: object): Promise<Reply> =>
		this.shop.shopper.send("POST", `/after-sales/${id}/${step}`, body);

	waitFor = (id: string, status: string): Promise<Data> =>
		until(`case ${status}`, async () => {
			const found = await this.get(id);
			return found.status === status && found;
		});

	waitForOrder = (orderId: string, is: (order: Data) => boolean): Promise<Data> =>
		until("the order", async () => {
			const order = await this.shop.shopper.mustSend("GET", `/orders/${orderId}`);
			return is(order) && order;
		});

	async available(skuId = this.shop.skuId): Promise<number> {
		const { body } = await this.shop.shop.http("POST", "/stock/query", { body: { skuIds: [skuId] } });
		return body.data[0].available as number;
	}

	waitForStock = (available: number, skuId?: string): Promise<boolean> =>
		until(`${available} units`, async () => (await this.available(skuId)) === available);
}

export type Asked = {
	readonly type?: "refund" | "return" | "exchange";
	readonly skuId?: string;
	readonly key?: string;
	readonly [field: string]: unknown;
};
