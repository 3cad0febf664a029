import { createWriters } from "../tests/support/payments/notification-writers";
import { unique } from "../tests/support/builders";
import type { HttpAnswer, HttpRequest } from "./http";
import { ALIPAY_SIGNING_KEY, type Buyer, type Goods } from "./shop-under-test";

/** Sends a request of the measured operation. */
export type Send = (request: HttpRequest) => Promise<HttpAnswer>;
/** One run of an operation: what it needs is made by `prepare`, which is not measured. */
export type Operation = {
	readonly name: string;
	readonly does: string;
	readonly kind: "read" | "write";
	/** Number of HTTP requests that one run measures. */
	readonly requests: number;
	readonly prepare: (stage: Stage, n: number) => Promise<(send: Send) => Promise<unknown>>;
};
export type Stage = { readonly url: string; readonly goods: Goods; readonly send: Send };

const get = (path: string, token?: string): HttpRequest => ({
	method: "GET",
	path,
	...(token && { token }),
	status: 200
});
const post = (path: string, { token }: Buyer, body: object, status = 200): HttpRequest => ({
	method: "POST",
	path,
	token,
	key: unique("bench-"),
	body,
	status
});

const buyerOf = ({ buyers }: Goods, n: number): Buyer => buyers[n % buyers.length]!;
const line = ({ skuId }: Goods) => ({ skuId, quantity: 1 });
const placeOrder = (goods: Goods, buyer: Buyer) =>
	post("/orders", buyer, { items: [line(goods)], addressId: buyer.addressId }, 201);
const createPayment = (buyer: Buyer, orderId: string) =>
	post("/payments", buyer, { orderId, channel: "alipay", scene: "page" }, 201);
/** Cancels what earlier runs have left unpaid: by default a user may hold five unpaid orders, and most hold none. */
async function cancelUnpaidOrders(buyer: Buyer, send: Send): Promise<void> {
	const { data } = await send(get("/orders?status=pending_payment&pageSize=50", buyer.token));
	for (const { id } of data.items) await send(post(`/orders/${id}/cancel`, buyer, {}));
}
/** The channel's signed message that the buyer has paid. */
function notify(url: string, payment: { paymentNo: string; amount: number }): HttpRequest {
	const { body, headers } = createWriters(url).alipay(payment, { key: ALIPAY_SIGNING_KEY });
	return { method: "POST", path: "/payments/notify/alipay", body, headers, status: 200 };
}

const read = (name: string, does: string, request: (goods: Goods, n: number) => HttpRequest): Operation => ({
	name,
	does,
	kind: "read",
	requests: 1,
	prepare: async ({ goods }, n) => {
		const prepared = request(goods, n);
		return send => send(prepared);
	}
});

/** Numbers the URLs that nobody has asked for before. */
let urls = 1;

export const LIST_PATH = "/products?pageSize=20";

/** Every measured operation. Each run leaves documents for the next ones, as in a real shop. */
export const OPERATIONS: readonly Operation[] = [
	read("detail", "GET /products/:id", ({ productId }) => get(`/products/${productId}`)),
	read("list", "GET /products, 20 a page", () => get(LIST_PATH)),
	read("detail-uncached", "GET /products/:id by another URL each time", ({ productId }) =>
		get(`/products/${productId}?page=${urls++}`)
	),
	read("list-uncached", "GET /products by another URL each time", () =>
		get(`${LIST_PATH}&maxPrice=${1e8 + urls++}`)
	),
	read("search", "GET /products?q=手机", () => get(`/products?q=${encodeURIComponent("手机")}`)),
	read("me", "GET /me", (goods, n) => get("/me", buyerOf(goods, n).token)),
	{
		name: "cart-add",
		does: "POST /cart/items",
		kind: "write",
		requests: 1,
		prepare: async ({ goods }, n) => {
			const request = post("/cart/items", buyerOf(goods, n), line(goods));
			return send => send(request);
		}
	},
	{
		name: "preview",
		does: "POST /cart/preview, one line",
		kind: "write",
		requests: 1,
		prepare: async ({ goods }, n) => {
			const buyer = buyerOf(goods, n);
			const body = { items: [line(goods)], addressId: buyer.addressId };
			const request = post("/cart/preview", buyer, body);
			return send => send(request);
		}
	},
	{
		name: "order",
		does: "POST /orders, one line",
		kind: "write",
		requests: 1,
		prepare: async ({ goods, send: prepare }, n) => {
			const buyer = buyerOf(goods, n);
			if (n < goods.buyers.length) await cancelUnpaidOrders(buyer, prepare);
			const request = placeOrder(goods, buyer);
			return send => send(request);
		}
	},
	{
		name: "pay",
		does: "POST /payments",
		kind: "write",
		requests: 1,
		prepare: async ({ goods, send: prepare }, n) => {
			const buyer = buyerOf(goods, n);
			const order = await prepare(placeOrder(goods, buyer));
			const request = createPayment(buyer, order.data.id);
			return send => send(request);
		}
	},
	{
		name: "notification",
		does: "Alipay's notification, until the order is paid and its stock deducted",
		kind: "write",
		requests: 1,
		prepare: async ({ url, goods, send: prepare }, n) => {
			const buyer = buyerOf(goods, n);
			const order = await prepare(placeOrder(goods, buyer));
			const payment = await prepare(createPayment(buyer, order.data.id));
			const request = notify(url, payment.data);
			return send => send(request);
		}
	},
	{
		name: "cancel",
		does: "POST /orders/:id/cancel, until its stock is free",
		kind: "write",
		requests: 1,
		prepare: async ({ goods, send: prepare }, n) => {
			const buyer = buyerOf(goods, n);
			const order = await prepare(placeOrder(goods, buyer));
			const request = post(`/orders/${order.data.id}/cancel`, buyer, {});
			return send => send(request);
		}
	},
	{
		name: "sold-out",
		does: "POST /orders of a sold-out SKU, refused",
		kind: "write",
		requests: 1,
		prepare: async ({ goods }, n) => {
			const buyer = buyerOf(goods, n);
			const items = [{ skuId: goods.soldOutSkuId, quantity: 1 }];
			const request = post("/orders", buyer, { items, addressId: buyer.addressId }, 409);
			return send => send(request);
		}
	},
	{
		name: "checkout",
		does: "all of it: detail, cart, preview, order, payment, notification",
		kind: "write",
		requests: 6,
		prepare: async ({ url, goods }, n) => {
			const buyer = buyerOf(goods, n);
			return async send => {
				await send(get(`/products/${goods.productId}`));
				await send(post("/cart/items", buyer, line(goods)));
				await send(post("/cart/preview", buyer, { addressId: buyer.addressId }));
				const order = await send(post("/orders", buyer, { addressId: buyer.addressId }, 201));
				const payment = await send(createPayment(buyer, order.data.id));
				await send(notify(url, payment.data));
			};
		}
	}
];
