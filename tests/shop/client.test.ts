import createClient, { type Client } from "openapi-fetch";
import { aSku, StaffClient, unique } from "../support/builders";
import { SharedShop } from "../support/shared-shop/shared-shop";
import { until } from "../support/until";
import type { paths } from "../support/client/schema";

let shop: SharedShop;
let staff: StaffClient;
let client: Client<paths>;
beforeAll(async () => {
	shop = await SharedShop.open();
	staff = new StaffClient(shop, await shop.asAdmin());
	client = createClient<paths>({ baseUrl: shop.url });
});

/** Returns the data of a successful answer. */
function dataOf<D>(reply: { data?: { data: D }; error?: unknown }): D {
	if (!reply.data) throw new Error(JSON.stringify(reply.error));
	return reply.data.data;
}

it("shops with nothing but the types of the OpenAPI document", async () => {
	const product = await staff.addProductOnShelf({
		name: unique("白茶 "),
		skus: [aSku({ price: 3300, attributes: { 颜色: "白" } })]
	});
	await staff.addStock(product.skus[0].id, 5);

	const listed = await client.GET("/api/v1/products", {
		params: { query: { q: product.name, inStock: true, sort: "price_asc", attr: { 颜色: "白" } } }
	});
	const [card] = dataOf(listed).items;
	const { skus } = dataOf(
		await client.GET("/api/v1/products/{id}", { params: { path: { id: card!.id } } })
	);
	const { accessToken } = dataOf(
		await client.POST("/api/v1/auth/login", { body: { phone: "13900000000", password: "Mall-user-1" } })
	);
	const headers = { Authorization: `Bearer ${accessToken}` };
	const address = dataOf(
		await client.POST("/api/v1/me/addresses", {
			headers,
			body: {
				receiver: "韩梅梅",
				phone: "13900000000",
				province: "浙江省",
				city: "杭州市",
				district: "西湖区",
				detail: "文三路 2 号"
			}
		})
	);
	const order = dataOf(
		await client.POST("/api/v1/orders", {
			headers,
			params: { header: { "Idempotency-Key": unique("order-") } },
			body: { items: [{ skuId: skus[0]!.id, quantity: 2 }], addressId: address.id }
		})
	);
	const payment = dataOf(
		await client.POST("/api/v1/payments", {
			headers,
			params: { header: { "Idempotency-Key": unique("payment-") } },
			body: { orderId: order.id, channel: "wechat", scene: "qr" }
		})
	);
	await client.POST("/api/v1/sandbox/payments/{paymentNo}/pay", {
		params: { path: { paymentNo: payment.paymentNo } },
		body: { outcome: "success", notify: "once" }
	});
	const paid = await until("the order is paid", async () => {
		const now = dataOf(
			await client.GET("/api/v1/orders/{id}", { headers, params: { path: { id: order.id } } })
		);
		return now.status === "paid" ? now : null;
	});

	expect(card).toMatchObject({ id: product.id, price: 3300 });
	expect(order).toMatchObject({ status: "pending_payment", itemsTotal: 6600 });
	expect(payment).toMatchObject({ amount: order.total, action: { type: "qr" } });
	expect(paid.payment).toMatchObject({ paymentNo: payment.paymentNo, amount: order.total });
});

it("sees refusals with their code", async () => {
	const { data, error, response } = await client.GET("/api/v1/products/{id}", {
		params: { path: { id: "none" } }
	});

	expect(data).toBeUndefined();
	expect([response.status, error?.code]).toEqual([404, "NOT_FOUND"]);
});

export async function wrong() {
	// @ts-expect-error no such path
	await client.GET("/api/v1/product");
	// @ts-expect-error a key is needed
	await client.POST("/api/v1/orders", { body: { addressId: "1" } });
	// @ts-expect-error a number for a text
	await client.POST("/api/v1/auth/login", { body: { phone: 1, password: "1" } });
	// @ts-expect-error a word outside the list
	await client.GET("/api/v1/products", { params: { query: { sort: "cheapest" } } });
}
