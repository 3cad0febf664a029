import { aSku, StaffClient, unique } from "../../support/builders";
import { startShop, type Shop } from "../../support/shop";
import { Shopper } from "../../support/shopper";
import { until } from "../../support/until";
import {
	aBuyer,
	aSkuInStock,
	deliverFact,
	getOrderStore,
	aPaymentFor,
	refusalOf
} from "../../support/buyers";

let shop: Shop;
let staff: StaffClient;
let phone = 13_500_000_000;
const aShopper = async () => new Shopper(shop, (await shop.register(String(phone++))).token);
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
});
afterAll(() => shop.stop());

describe("placing", () => {
	it("answers 201 with the whole order, and again for the same key", async () => {
		const skuId = await aSkuInStock(staff, 5, { price: 990, attributes: { 颜色: "白" } });
		const shopper = await aShopper();
		const key = unique("order-");

		const first = await shopper.tryOrder(skuId, 2, key);
		const again = await shopper.tryOrder(skuId, 2, key);

		expect(first.status).toBe(201);
		expect(first.body.data).toMatchObject({
			status: "pending_payment",
			orderNo: expect.stringMatching(/^\d{22}$/),
			items: [
				{ skuId, price: 990, quantity: 2, discount: 0, amount: 1980, attributes: { 颜色: "白" } }
			],
			address: { receiver: "李雷", province: "浙江省" },
			itemsTotal: 1980,
			total: 1980 + first.body.data.shippingFee,
			currency: "CNY",
			couponCode: null,
			remark: null,
			payment: null,
			shipment: null,
			timeline: [{ from: null, to: "pending_payment", event: "created", reason: null }]
		});
		expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([201, "true"]);
		expect(again.body.data.id).toBe(first.body.data.id);
	});

	it("refuses a total that is not the expected one, and reserves nothing for it", async () => {
		const skuId = await aSkuInStock(staff, 5);
		const shopper = await aShopper();
		const body = {
			items: [{ skuId, quantity: 1 }],
			addressId: await shopper.address(),
			expectedTotal: 1
		};

		const { status, body: answer } = await shopper.send("POST", "/orders", body, unique("order-"));

		expect([status, answer.code]).toEqual([409, "PRICE_CHANGED"]);
		expect(answer.data).toMatchObject({ expectedTotal: 1, total: expect.any(Number) });
		expect(await staff.mustSend("GET", `/admin/inventory/${skuId}`)).toMatchObject({
			available: 5,
			reserved: 0
		});
	});

	it("names the SKUs that are not on the shelf, and those that are short", async () => {
		const [there, gone] = [await aSkuInStock(staff, 5), await aSkuInStock(staff, 5)];
		await staff.mustSend("POST", `/admin/products/${gone.replace(/-\d+$/, "")}/off-shelf`, {});
		const shopper = await aShopper();

		const away = await shopper.tryOrder(gone);
		const short = await shopper.tryOrder(there, 6);

		expect([away.status, away.body.code, away.body.data]).toEqual([
			409,
			"NOT_ON_SHELF",
			{ skuIds: [gone] }
		]);
		expect([short.status, short.body.code, short.body.data]).toEqual([
			409,
			"OUT_OF_STOCK",
			{ items: [{ skuId: there, requested: 6, available: 5 }] }
		]);
		expect((await shopper.mustSend("GET", "/orders")).items).toEqual([]);
	});

	it("gives the refusal again under the key of an order that could not be placed", async () => {
		const skuId = await aSkuInStock(staff, 1);
		const buyer = await aBuyer(shop);
		const key = unique("order-");
		const order = (quantity: number) => refusalOf(buyer.order([{ skuId, quantity }], { key }));

		const refused = await order(3);
		await staff.addStock(skuId, 5);

		expect([refused, await order(3), await order(2)]).toEqual([
			"OUT_OF_STOCK",
			"OUT_OF_STOCK",
			"IDEMPOTENCY_KEY_REUSED"
		]);
	});

	it("gives the first answer again, whatever has become of the order since", async () => {
		const shopper = await aShopper();
		const skuId = await aSkuInStock(staff, 9);
		const key = unique("order-");
		const first = await shopper.tryOrder(skuId, 1, key);
		await shopper.mustSend("POST", `/orders/${first.body.data.id}/cancel`, {});

		const again = await shopper.tryOrder(skuId, 1, key);

		expect([again.status, again.body.data]).toEqual([201, first.body.data]);
		expect(again.headers.get("idempotency-replayed")).toBe("true");
	});

	it("refuses another order under a used key", async () => {
		const skuId = await aSkuInStock(staff, 9);
		const buyer = await aBuyer(shop);
		const key = unique("order-");
		await buyer.order([{ skuId, quantity: 1 }], { key });

		expect(await refusalOf(buyer.order([{ skuId, quantity: 2 }], { key }))).toBe(
			"IDEMPOTENCY_KEY_REUSED"
		);
	});

	it("refuses another user's address, an empty cart and more than 9,999 units of a SKU", async () => {
		const skuId = await aSkuInStock(staff, 9);
		const [buyer, other] = [await aBuyer(shop), await aBuyer(shop)];
		const line = { skuId, quantity: 9999 };

		expect(await refusalOf(buyer.order([{ skuId, quantity: 1 }], { addressId: other.addressId }))).toBe(
			"NOT_FOUND"
		);
		expect(await refusalOf(buyer.order([line, line]))).toBe("VALIDATION_ERROR");
		expect(
			await refusalOf(
				buyer.call("orders.create", { addressId: buyer.addressId, key: unique("order-") })
			)
		).toBe("VALIDATION_ERROR");
	});

	it("refuses the order when its coupon can't be used", async () => {
		const skuId = await aSkuInStock(staff, 9);
		const buyer = await aBuyer(shop);

		expect(await refusalOf(buyer.order([{ skuId, quantity: 1 }], { couponCode: "NO-SUCH" }))).toBe(
			"COUPON_UNAVAILABLE"
		);
	});

	it("sums lines of one SKU into one", async () => {
		const skuId = await aSkuInStock(staff, 9);
		const buyer = await aBuyer(shop);
		const line = { skuId, quantity: 2 };

		const order = await buyer.order([line, line]);

		expect(order.items).toMatchObject([{ skuId, quantity: 4 }]);
	});
});

describe("an unpaid order", () => {
	it("is cancelled by its owner, once, and its stock is released", async () => {
		const skuId = await aSkuInStock(staff, 3);
		const shopper = await aShopper();
		const { id } = await shopper.order(skuId, 3);

		const cancelled = await shopper.mustSend("POST", `/orders/${id}/cancel`, { reason: "改主意了" });
		const again = await shopper.send("POST", `/orders/${id}/cancel`, {});

		expect(cancelled).toMatchObject({
			status: "cancelled",
			timeline: [{}, { to: "cancelled", reason: "改主意了" }]
		});
		expect([again.status, again.body.code]).toEqual([409, "INVALID_STATE"]);
		expect(again.body.data).toEqual({ id, state: "cancelled", allowed: [] });
		await until(
			"the stock",
			async () => (await staff.mustSend("GET", `/admin/inventory/${skuId}`)).available === 3
		);
	});

	it("does not exist for other users", async () => {
		const skuId = await aSkuInStock(staff, 3);
		const [owner, other] = [await aShopper(), await aShopper()];
		const { id } = await owner.order(skuId);
		const asked = [
			["GET", `/orders/${id}`],
			["POST", `/orders/${id}/cancel`],
			["POST", `/orders/${id}/confirm`],
			["DELETE", `/orders/${id}`]
		] as const;

		for (const [method, path] of asked) {
			const { status, body } = await other.send(method, path, method === "POST" ? {} : undefined);
			expect([status, body.code]).toEqual([404, "NOT_FOUND"]);
		}
		expect(await refusalOf(shop.broker.call("orders.payable", { orderId: id, userId: "another" }))).toBe(
			"NOT_FOUND"
		);
	});

	it("expires at its deadline, when it is read and by the sweep", async () => {
		const skuId = await aSkuInStock(staff, 4);
		const buyer = await aBuyer(shop);
		const [read, untouched] = [
			await buyer.order([{ skuId, quantity: 1 }]),
			await buyer.order([{ skuId, quantity: 1 }])
		];
		const past = new Date(Date.now() - 1);
		await getOrderStore(shop).change({ _id: read.id }, { $set: { expiresAt: past } });
		await getOrderStore(shop).change(
			{ _id: untouched.id },
			{ $set: { expiresAt: past, deadline: past } }
		);

		const seen = await buyer.call("orders.get", { id: read.id });

		expect(seen).toMatchObject({
			status: "cancelled",
			timeline: [{}, { by: "system", reason: "expired" }]
		});
		await until(
			"the sweep",
			async () => (await getOrderStore(shop).get(untouched.id)).status === "cancelled"
		);
		await until(
			"the stock",
			async () => (await staff.mustSend("GET", `/admin/inventory/${skuId}`)).available === 4
		);
	});
});

describe("a paid order", () => {
	const placeAndPay = async () => {
		const skuId = await aSkuInStock(staff, 5);
		const shopper = await aShopper();
		const order = await shopper.order(skuId);
		await deliverFact(shop, "orders", "payment.succeeded", aPaymentFor(order));
		return { order, shopper };
	};
	const admin = (id: string, step: string, body: object) =>
		staff.send("POST", `/admin/orders/${id}/${step}`, body);

	it("is shipped, received, and hidden from its owner's list", async () => {
		const { order, shopper } = await placeAndPay();

		const early = await shopper.send("POST", `/orders/${order.id}/confirm`);
		const shipped = await admin(order.id, "ship", { carrier: "顺丰", trackingNo: order.orderNo });
		const twice = await admin(order.id, "ship", { carrier: "顺丰", trackingNo: order.orderNo });
		const completed = await shopper.mustSend("POST", `/orders/${order.id}/confirm`);
		await shopper.mustSend("DELETE", `/orders/${order.id}`);

		expect(early.body.code).toBe("INVALID_STATE");
		expect(shipped.body.data.shipment).toMatchObject({ carrier: "顺丰", trackingNo: order.orderNo });
		expect(twice.body.code).toBe("INVALID_STATE");
		expect(completed.timeline.map((s: { to: string }) => s.to)).toEqual([
			"pending_payment",
			"paid",
			"shipped",
			"completed"
		]);
		expect((await shopper.mustSend("GET", "/orders")).items).toEqual([]);
		expect((await shopper.mustSend("GET", `/orders/${order.id}`)).status).toBe("completed");
	});

	it("completes by itself when its buyer does not confirm in time", async () => {
		const { order } = await placeAndPay();
		await admin(order.id, "ship", { carrier: "顺丰", trackingNo: order.orderNo });

		await getOrderStore(shop).change({ _id: order.id }, { $set: { deadline: new Date() } });

		await until(
			"the sweep",
			async () => (await getOrderStore(shop).get(order.id)).status === "completed"
		);
	});

	it("can't be hidden or cancelled by its owner, nor cancelled by staff once it is shipped", async () => {
		const { order, shopper } = await placeAndPay();

		expect((await shopper.send("DELETE", `/orders/${order.id}`)).body.code).toBe("INVALID_STATE");
		expect((await shopper.send("POST", `/orders/${order.id}/cancel`, {})).body.code).toBe(
			"INVALID_STATE"
		);
		await admin(order.id, "ship", { carrier: "顺丰", trackingNo: order.orderNo });
		expect((await admin(order.id, "cancel", { reason: "x" })).body.code).toBe("INVALID_STATE");
	});

	it("does not show the staff's remark to its owner", async () => {
		const { order, shopper } = await placeAndPay();

		const remarked = await admin(order.id, "remark", { remark: "打电话确认" });

		expect(remarked.body.data).toMatchObject({ staffRemark: "打电话确认", userId: expect.any(String) });
		expect(Object.keys(await shopper.mustSend("GET", `/orders/${order.id}`))).not.toContain(
			"staffRemark"
		);
	});
});

describe("lists", () => {
	it("show own orders, newest first, by status, time, number and name", async () => {
		const skuId = await aSkuInStock(staff, 9);
		const shopper = await aShopper();
		const [first, second] = [await shopper.order(skuId), await shopper.order(skuId)];
		await shopper.mustSend("POST", `/orders/${first.id}/cancel`, {});
		const ids = async (query: string) =>
			(await shopper.mustSend("GET", `/orders?${query}`)).items.map((o: { id: string }) => o.id);

		expect(await ids("")).toEqual([second.id, first.id]);
		expect(await ids("status=cancelled")).toEqual([first.id]);
		expect(await ids(`q=${second.orderNo}`)).toEqual([second.id]);
		expect(await ids(`q=${encodeURIComponent(first.items[0].name)}`)).toEqual([second.id, first.id]);
		expect(await ids("q=.*")).toEqual([]);
		expect(await ids(`from=${second.createdAt}`)).toEqual([second.id]);
		expect(await ids(`to=${second.createdAt}`)).toEqual([first.id]);
		expect(await ids(`from=${first.createdAt}&to=${second.createdAt}`)).toEqual([first.id]);
		expect(await ids(`from=${first.createdAt}&to=${first.createdAt}`)).toEqual([]);
	});

	it("find an item's name however it is typed, also where that is a number", async () => {
		const name = `移动电源 200000 ＡＢＣ caf\u00e9 ${unique()}`;
		const product = await staff.addProductOnShelf({ name, skus: [aSku({ name: "大号" })] });
		await staff.addStock(product.skus[0].id, 1);
		const shopper = await aShopper();
		const { id } = await shopper.order(product.skus[0].id);
		const found = async (q: string) =>
			(await shopper.mustSend("GET", `/orders?q=${encodeURIComponent(q)}`)).items.length;

		for (const q of ["200000", "电源", "abc", "ＡＢＣ", "cafe\u0301", "CAFÉ", "abccafé", "大号"])
			expect([q, await found(q)]).toEqual([q, 1]);
		expect(await found("200001")).toBe(0);
		const listed = await staff.mustSend("GET", `/admin/orders?q=${encodeURIComponent(name)}`);
		expect(listed.items.map((o: { id: string }) => o.id)).toEqual([id]);
	});

	it("find an order for staff by a SKU's code and by the end of its number, and not for its buyer", async () => {
		const code = unique("Mug-");
		const skuId = await aSkuInStock(staff, 1, { code });
		const shopper = await aShopper();
		const { id, orderNo } = await shopper.order(skuId);
		const own = async (q: string) => (await shopper.mustSend("GET", `/orders?q=${q}`)).items;
		const all = async (q: string) =>
			(await staff.mustSend("GET", `/admin/orders?q=${q}`)).items.map((o: { id: string }) => o.id);

		for (const q of [code, code.toLowerCase(), code.slice(4), orderNo.slice(-8), orderNo])
			expect([q, await all(q)]).toEqual([q, [id]]);
		expect(await all(orderNo.slice(0, 10))).toContain(id);
		expect([await own(code), await own(orderNo.slice(-8))]).toEqual([[], []]);
		expect(JSON.stringify(await own(orderNo))).not.toContain("Key");
	});

	it("continue from a cursor", async () => {
		const skuId = await aSkuInStock(staff, 9);
		const shopper = await aShopper();
		const placed = [];
		for (let n = 0; n < 5; n++) placed.unshift((await shopper.order(skuId)).id);

		const first = await shopper.mustSend("GET", "/orders?pageSize=2");
		const next = await shopper.mustSend("GET", `/orders?pageSize=9&cursor=${first.nextCursor}`);

		expect([...first.items, ...next.items].map((o: { id: string }) => o.id)).toEqual(placed);
		expect([first.total, next.nextCursor]).toEqual([5, null]);
	});

	it("refuse unknown statuses and those that no client sees", async () => {
		const shopper = await aShopper();

		for (const status of ["nonsense", "creating", "failed"])
			expect((await shopper.send("GET", `/orders?status=${status}`)).status).toBe(400);
	});

	it("show all orders to support and the warehouse alone", async () => {
		const skuId = await aSkuInStock(staff, 9);
		const buyer = await aBuyer(shop);
		const order = await buyer.order([{ skuId, quantity: 1 }]);

		const found = await staff.mustSend("GET", `/admin/orders?userId=${buyer.id}&status=pending_payment`);

		expect(found.items).toMatchObject([{ id: order.id, userId: buyer.id }]);
		expect((await shop.http("GET", "/admin/orders", { token: await shop.asUser() })).status).toBe(403);
	});
});
