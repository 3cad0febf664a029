import type { ServiceBroker } from "moleculer";
import { ulid } from "ulid";
import type { OrdersContext } from "../../services/orders/orders.context";
import type { Reply, Shop } from "./shop";
import { aSku, StaffClient, unique } from "./builders";

type Data = Reply["body"]["data"];

/** A customer who calls the services as the gateway would, without password and token. */
export class Buyer {
	constructor(
		private readonly shop: Shop,
		readonly id: string,
		readonly addressId: string
	) {}

	call = (action: string, params: object, options: object = {}): Promise<Data> =>
		this.shop.broker.call(action, params, {
			...options,
			meta: { user: { id: this.id, roles: ["customer"], sessionId: "s" } }
		});

	/** Orders, and waits for as long as a crowd of others may take. */
	order = (items: readonly { skuId: string; quantity: number }[], more: object = {}): Promise<Data> =>
		this.call(
			"orders.create",
			{ items, addressId: this.addressId, key: unique("order-key-"), ...more },
			{ timeout: 60_000 }
		);
}

const typeOf = (err: unknown): string =>
	err instanceof Error && "type" in err ? String(err.type) : String(err);

/** A user with an address, created by the services' own actions without the cost of a password hash. */
export async function aUser(
	broker: ServiceBroker,
	phone: string
): Promise<{ id: string; addressId: string }> {
	const { id } = await broker.call<{ id: string }, object>("users.create", { phone, passwordHash: "none" });
	const meta = { user: { id, roles: ["customer"], sessionId: "s" } };
	const address = {
		receiver: "韩梅梅",
		phone: "13900000000",
		province: "浙江省",
		city: "杭州市",
		district: "西湖区",
		detail: "文三路 1 号"
	};
	const added = await broker.call<{ id: string }, object>("users.addAddress", address, { meta });
	return { id, addressId: added.id };
}

let nextPhone = 13_600_000_000;
export async function aBuyer(shop: Shop): Promise<Buyer> {
	const { id, addressId } = await aUser(shop.broker, String(nextPhone++));
	return new Buyer(shop, id, addressId);
}

/** A SKU on the shelf with `units` in stock. */
export async function aSkuInStock(staff: StaffClient, units: number, more: object = {}): Promise<string> {
	const product = await staff.addProductOnShelf({ skus: [aSku(more)] });
	const skuId: string = product.skus[0].id;
	if (units > 0) await staff.addStock(skuId, units);
	return skuId;
}

/** Type of the refusal that the call rejects with; "not refused" when it resolves. */
export const refusalOf = (promise: Promise<unknown>): Promise<string> =>
	promise.then(() => "not refused", typeOf);

/** Payload of `payment.succeeded` for a payment that fits the order. */
export const aPaymentFor = (order: Data, over: object = {}) => ({
	paymentId: ulid(),
	orderId: order.id,
	amount: order.total,
	currency: order.currency,
	channel: "alipay",
	paidAt: new Date().toISOString(),
	...over
});

/** Calls a service's handler of a fact, as the facts transport does. */
export const deliverFact = (shop: Shop, service: string, event: string, payload: object): Promise<unknown> =>
	shop.broker.getLocalService(service).emitLocalEventHandler(event, payload, {});

/** The store of the order documents. */
export const getOrderStore = (shop: Shop) =>
	(shop.broker.getLocalService("orders") as unknown as OrdersContext).orders;
