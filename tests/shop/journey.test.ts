import { aSku, StaffClient, unique } from "../support/builders";
import { SharedShop } from "../support/shared-shop/shared-shop";
import { Shopper } from "../support/shopper";
import { until } from "../support/until";

let shop: SharedShop;
let staff: StaffClient;

beforeAll(async () => {
	shop = await SharedShop.open();
	staff = new StaffClient(shop, await shop.asAdmin());
});

describe.each(["alipay", "wechat"] as const)("a purchase paid by %s", channel => {
	it("goes from the catalogue to the shopper's door", async () => {
		const product = await staff.addProductOnShelf({
			name: unique("龙井茶 "),
			skus: [aSku({ price: 4900 })]
		});
		const skuId = product.skus[0].id;
		await staff.addStock(skuId, 10);
		const { token } = await shop.register(channel === "alipay" ? "13712340001" : "13712340002");
		const shopper = new Shopper(shop, token);

		const [found] = await until("the product to be listed", async () => {
			const list = await shop.http("GET", `/products?q=${encodeURIComponent(product.name)}`);
			return list.body.data.items[0]?.inStock && list.body.data.items;
		});
		expect(found).toMatchObject({ id: product.id, price: 4900, inStock: true });

		await shopper.mustSend("POST", "/cart/items", { skuId, quantity: 3 });
		const quote = await shopper.mustSend("POST", "/cart/preview", { addressId: await shopper.address() });
		expect(quote).toMatchObject({ itemsTotal: 14700, total: 14700 + quote.shippingFee });

		const order = await shopper.mustSend(
			"POST",
			"/orders",
			{ addressId: await shopper.address(), expectedTotal: quote.total, remark: "周末送" },
			unique("order-")
		);
		expect(order).toMatchObject({ status: "pending_payment", total: quote.total, payment: null });
		expect((await shopper.mustSend("GET", "/cart")).items).toEqual([]);
		expect(await staff.mustSend("GET", `/admin/inventory/${skuId}`)).toMatchObject({
			available: 7,
			reserved: 3,
			sold: 0
		});

		const payment = await shopper.createPayment(order.id, channel);
		const page = await fetch(payment.action.url);
		expect([page.status, await page.text()]).toEqual([200, expect.stringContaining(payment.paymentNo)]);
		const sandbox = await shopper.payAtChannel(payment.paymentNo);
		expect(sandbox.outcome).toBe("paid");

		const paid = await until("the order to be paid", async () => {
			const seen = await shopper.mustSend("GET", `/orders/${order.id}`);
			return seen.status === "paid" && seen;
		});
		expect(paid.payment).toMatchObject({ channel, status: "succeeded", amount: quote.total });
		await until("the stock to be sold", async () => {
			const { available, reserved, sold } = await staff.mustSend("GET", `/admin/inventory/${skuId}`);
			return available === 7 && reserved === 0 && sold === 3;
		});

		await staff.mustSend("POST", `/admin/orders/${order.id}/ship`, {
			carrier: "SF",
			trackingNo: `SF${order.orderNo}`
		});
		const done = await shopper.mustSend("POST", `/orders/${order.id}/confirm`, {});
		expect(done.timeline.map((step: { to: string }) => step.to)).toEqual([
			"pending_payment",
			"paid",
			"shipped",
			"completed"
		]);
		await until(
			"the sale to be counted",
			async () => (await shop.http("GET", `/products/${product.id}`)).body.data.sales === 3
		);
	});

	it("gives stock and money back when staff call off a paid order", async () => {
		const product = await staff.addProductOnShelf({ skus: [aSku({ price: 100 })] });
		const skuId = product.skus[0].id;
		await staff.addStock(skuId, 2);
		const shopper = new Shopper(shop, await shop.asUser());
		const order = await shopper.order(skuId, 2);
		const payment = await shopper.createPayment(order.id, channel);
		await shopper.payAtChannel(payment.paymentNo);
		await until(
			"paid",
			async () => (await shopper.mustSend("GET", `/orders/${order.id}`)).status === "paid"
		);

		await staff.mustSend("POST", `/admin/orders/${order.id}/cancel`, { reason: "缺货" });

		const refunded = await until("the money to be back", async () => {
			const seen = await shopper.mustSend("GET", `/orders/${order.id}`);
			return seen.status === "refunded" && seen;
		});
		expect(refunded.payment).toMatchObject({ status: "refunded", refunded: 200 });
		await until("the stock to be back", async () => {
			const { available, reserved, sold } = await staff.mustSend("GET", `/admin/inventory/${skuId}`);
			return available === 2 && reserved === 0 && sold === 0;
		});
	});
});
