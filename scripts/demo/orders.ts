import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { ServiceBroker } from "moleculer";
import { registerBackgroundWork } from "../../infrastructure/background-work";
import type { Collection } from "../../infrastructure/documents/collection";
import type { AfterSaleType, AfterSaleView } from "../../schemas/after-sales.contract";
import type { Caller, Meta } from "../../schemas/kit/service";
import type { Role } from "../../schemas/kit/contract";
import type { OrderView } from "../../schemas/orders.views";
import { call } from "../../schemas/registry";
import type { Demand } from "../../schemas/values/demand";

/** Services that `loadDemoOrders` calls. */
export const DEMO_ORDER_SERVICES = [
	"users",
	"orders",
	"payments",
	"sandbox",
	"shipping",
	"afterSales",
	"api"
] as const;

/** Records that the orders were begun, and when the last one was done. */
export type DemoOrders = { readonly _id: "orders"; readonly finishedAt: Date | null };

const CUSTOMER = "18999999901";
const ADMIN = "13800000000";
const WAIT_MS = 20_000;
const POLL_MS = 20;

/**
 * Has a second demo customer place orders and open cases, and the demo administrator handle them, through the services' own
 * actions: afterwards there are orders in every state and cases of every kind and state. `skuIds` are the goods. It happens
 * once in a shop's life; where it is interrupted, the later stories stay untold. Resolves to true if it was done now.
 */
export async function loadDemoOrders(
	broker: ServiceBroker,
	loads: Collection<DemoOrders>,
	skuIds: readonly string[]
): Promise<boolean> {
	const stop = new AbortController();
	const stopped = once(stop.signal, "abort");
	const work = async () => {
		const found = broker.waitForServices([...DEMO_ORDER_SERVICES], WAIT_MS).then(() => true);
		if (!(await Promise.race([found, stopped.then(() => false)]))) return false;
		const [begun] = await loads.insertMissing([{ _id: "orders", finishedAt: null }]);
		if (!begun) return false;
		const trade = await DemoTrade.open(broker, skuIds, () => stop.signal.aborted);
		for (const story of STORIES) {
			if (stop.signal.aborted) return false;
			await story(trade);
		}
		await loads.change({ _id: "orders" }, { $set: { finishedAt: new Date() } });
		return true;
	};
	const done = work();
	registerBackgroundWork(broker, () => {
		stop.abort();
		return done.catch(() => undefined);
	});
	return done;
}

/** The demo customer and the demo administrator, with the calls that they make at the gateway otherwise. */
class DemoTrade {
	private count = 0;

	private constructor(
		private readonly broker: ServiceBroker,
		private readonly skuIds: readonly string[],
		private readonly buyer: Meta,
		private readonly staff: Meta,
		private readonly addressId: string,
		private readonly isStopping: () => boolean
	) {}

	static async open(
		broker: ServiceBroker,
		skuIds: readonly string[],
		isStopping: () => boolean
	): Promise<DemoTrade> {
		const buyer = await signIn(broker, CUSTOMER, "customer");
		const address = {
			receiver: "李雷",
			phone: CUSTOMER,
			province: "浙江省",
			city: "杭州市",
			district: "西湖区",
			detail: "文三路 1 号"
		};
		const { id } = await call(broker, "users.addAddress", address, { meta: buyer });
		return new DemoTrade(broker, skuIds, buyer, await signIn(broker, ADMIN, "admin"), id, isStopping);
	}

	/** An order of two units of one SKU and one unit of another that waits for its payment. */
	async place(): Promise<OrderView> {
		const n = this.count++;
		const pick = (at: number) => this.skuIds[at % this.skuIds.length] ?? "";
		const items = [
			{ skuId: pick(2 * n), quantity: 2 },
			{ skuId: pick(2 * n + 1), quantity: 1 }
		];
		const request = { items, addressId: this.addressId, key: `demo-order-${n}` };
		return call(this.broker, "orders.create", request, { meta: this.buyer });
	}

	async buy(): Promise<OrderView> {
		const { id } = await this.place();
		const channel = this.count % 2 === 0 ? ("alipay" as const) : ("wechat" as const);
		const request = { key: `demo-payment-${this.count}`, orderId: id, channel, scene: "qr" as const };
		const { paymentNo } = await call(this.broker, "payments.create", request, { meta: this.buyer });
		await call(this.broker, "sandbox.pay", { paymentNo, outcome: "success", notify: "once" });
		return this.waitForOrder(id, "paid");
	}

	/** Sends a parcel with these units, or with all that are left, and answers its tracking number. */
	async ship({ id }: OrderView, items?: readonly Demand[]): Promise<string> {
		const trackingNo = `SF10000000${String(this.count).padStart(4, "0")}${items ? "1" : "2"}`;
		const parcel = { id, carrier: "顺丰速运", trackingNo, ...(items && { items: [...items] }) };
		await call(this.broker, "orders.ship", parcel, { meta: this.staff });
		return trackingNo;
	}

	/** Has the emulated tracking service report a parcel's stages up to `last`. */
	async track(trackingNo: string, last: "transit" | "delivered"): Promise<void> {
		for (const status of ["collected", "transit", "delivered"] as const) {
			await call(this.broker, "sandbox.advanceShipment", { trackingNo, status, notify: "once" });
			if (status === last) return;
		}
	}

	async buyAndReceive(): Promise<OrderView> {
		const order = await this.buy();
		await this.track(await this.ship(order), "delivered");
		return call(this.broker, "orders.confirm", { id: order.id }, { meta: this.buyer });
	}

	cancel = ({ id }: OrderView) =>
		call(this.broker, "orders.cancel", { id, reason: "不想要了" }, { meta: this.buyer });

	async cancelPaid({ id }: OrderView): Promise<OrderView> {
		await call(this.broker, "orders.adminCancel", { id, reason: "缺货" }, { meta: this.staff });
		return this.waitForOrder(id, "refunded");
	}

	/** Asks one unit of the order's first line back. */
	open = ({ id: orderId, items }: OrderView, type: AfterSaleType): Promise<AfterSaleView> =>
		call(
			this.broker,
			"afterSales.create",
			{
				key: `demo-case-${this.count}`,
				orderId,
				type,
				items: [{ skuId: items[0]?.skuId ?? "", quantity: 1 }],
				reason: type === "exchange" ? "外观有瑕疵" : "与描述不符"
			},
			{ meta: this.buyer }
		);

	approve = ({ id }: AfterSaleView) =>
		call(this.broker, "afterSales.approve", { id }, { meta: this.staff });
	reject = ({ id }: AfterSaleView) =>
		call(this.broker, "afterSales.reject", { id, reason: "商品已使用" }, { meta: this.staff });
	withdraw = ({ id }: AfterSaleView) =>
		call(this.broker, "afterSales.cancel", { id }, { meta: this.buyer });

	/** Approves the case, and has the buyer send the goods back. */
	async sendBack(afterSale: AfterSaleView): Promise<void> {
		const { id } = await this.approve(afterSale);
		const trackingNo = `ZT20000000${String(this.count).padStart(4, "0")}`;
		const parcel = { id, carrier: "中通快递", trackingNo };
		await call(this.broker, "afterSales.sendBack", parcel, { meta: this.buyer });
	}

	receive = ({ id, items }: AfterSaleView) =>
		call(
			this.broker,
			"afterSales.receive",
			{ id, restock: items.map(({ skuId, quantity }) => ({ skuId, quantity })) },
			{ meta: this.staff }
		);

	/** Sends the new goods of an exchange and answers their tracking number. */
	async reship({ id }: AfterSaleView): Promise<string> {
		const trackingNo = `SF30000000${String(this.count).padStart(4, "0")}`;
		const parcel = { id, carrier: "顺丰速运", trackingNo };
		await call(this.broker, "afterSales.ship", parcel, { meta: this.staff });
		return trackingNo;
	}

	waitForCase = ({ id }: AfterSaleView, status: AfterSaleView["status"]): Promise<AfterSaleView> =>
		this.waitFor(`case ${id} to be ${status}`, async () => {
			const found = await call(this.broker, "afterSales.get", { id }, { meta: this.buyer });
			return found.status === status ? found : null;
		});

	private waitForOrder = (id: string, status: OrderView["status"]): Promise<OrderView> =>
		this.waitFor(`order ${id} to be ${status}`, async () => {
			const order = await call(this.broker, "orders.get", { id }, { meta: this.buyer });
			return order.status === status ? order : null;
		});

	private async waitFor<T>(what: string, read: () => Promise<T | null>): Promise<T> {
		for (const until = Date.now() + WAIT_MS; Date.now() < until; await pause(POLL_MS)) {
			const found = await read();
			if (found) return found;
			if (this.isStopping()) throw new Error("The shop was told to stop");
		}
		throw new Error(`Waited in vain for ${what}`);
	}
}

/** One after the other, so that the shop's first visitor hardly notices them. The newest orders are those that wait for something. */
const STORIES: readonly ((trade: DemoTrade) => Promise<unknown>)[] = [
	async trade => trade.cancel(await trade.place()),
	async trade => trade.cancelPaid(await trade.buy()),
	trade => trade.buyAndReceive(),
	async trade => trade.track(await trade.ship(await trade.buy()), "transit"),
	async trade => {
		const order = await trade.buy();
		await trade.ship(order, [{ skuId: order.items[0]?.skuId ?? "", quantity: 1 }]);
	},

	async trade => {
		const refund = await trade.open(await trade.buy(), "refund");
		await trade.approve(refund);
		await trade.waitForCase(refund, "refunded");
	},
	async trade => trade.reject(await trade.open(await trade.buyAndReceive(), "refund")),
	async trade => trade.withdraw(await trade.open(await trade.buy(), "refund")),
	async trade => {
		const goodsBack = await trade.open(await trade.buyAndReceive(), "return");
		await trade.sendBack(goodsBack);
		await trade.receive(goodsBack);
		await trade.waitForCase(goodsBack, "refunded");
	},
	async trade => trade.approve(await trade.open(await trade.buyAndReceive(), "return")),
	async trade => {
		const exchange = await trade.open(await trade.buyAndReceive(), "exchange");
		await trade.sendBack(exchange);
		await trade.receive(exchange);
		await trade.track(await trade.reship(exchange), "delivered");
		await trade.waitForCase(exchange, "completed");
	},
	async trade => {
		const exchange = await trade.open(await trade.buyAndReceive(), "exchange");
		await trade.sendBack(exchange);
		await trade.receive(exchange);
		await trade.reship(exchange);
	},
	async trade => {
		const exchange = await trade.open(await trade.buyAndReceive(), "exchange");
		await trade.sendBack(exchange);
		await trade.receive(exchange);
	},
	async trade => trade.open(await trade.buyAndReceive(), "return"),
	async trade => trade.open(await trade.buy(), "refund"),

	trade => trade.buy(),
	trade => trade.place()
];

async function signIn(broker: ServiceBroker, phone: string, role: Role): Promise<Meta> {
	const account = await call(broker, "users.credentials", { phone });
	if (!account) throw new Error(`There is no demo account ${phone}`);
	const user: Caller = { id: account.id, roles: [role], sessionId: "demo" };
	return { user };
}
