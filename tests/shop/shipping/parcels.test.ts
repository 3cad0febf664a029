import { StaffClient, unique } from "../../support/builders";
import { aPaymentFor, aSkuInStock, deliverFact, getOrderStore } from "../../support/buyers";
import { startShop, type Reply, type Shop } from "../../support/shop";
import { Shopper } from "../../support/shopper";
import { until } from "../../support/until";

type Data = Reply["body"]["data"];
let shop: Shop;
let staff: StaffClient;
let buyer: Shopper;
let tea: string;
let cup: string;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
	buyer = new Shopper(shop, (await shop.register("13511110000")).token);
	await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 100 });
	tea = await aSkuInStock(staff, 500, { price: 1000 });
	cup = await aSkuInStock(staff, 500, { price: 2000 });
});
afterAll(() => shop.stop());

/** A paid order of three teas and one cup. */
async function aPaidOrder(): Promise<string> {
	const items = [
		{ skuId: tea, quantity: 3 },
		{ skuId: cup, quantity: 1 }
	];
	const body = { items, addressId: await buyer.address() };
	const order = await buyer.mustSend("POST", "/orders", body, unique("order-"));
	await deliverFact(shop, "orders", "payment.succeeded", aPaymentFor(order));
	return order.id as string;
}
const ship = (id: string, items?: readonly Data[], trackingNo = unique("SF")): Promise<Reply> =>
	staff.send("POST", `/admin/orders/${id}/ship`, { carrier: "SF", trackingNo, ...(items && { items }) });
const unitsOf = (order: Data): number[] => order.items.map((item: Data) => item.shippedQuantity);

it("sends an order in parcels, by unit, and is shipped with the last one", async () => {
	const id = await aPaidOrder();

	const first = await ship(id, [{ skuId: tea, quantity: 2 }]);
	const last = await ship(id);
	const parcels = await buyer.mustSend("GET", `/orders/${id}/shipments`);

	expect([first.body.data.status, unitsOf(first.body.data)]).toEqual(["paid", [2, 0]]);
	expect([last.body.data.status, unitsOf(last.body.data)]).toEqual(["shipped", [3, 1]]);
	expect(parcels.map((parcel: Data) => parcel.items)).toEqual([
		[{ skuId: tea, quantity: 2 }],
		[
			{ skuId: tea, quantity: 1 },
			{ skuId: cup, quantity: 1 }
		]
	]);
	expect(await buyer.mustSend("GET", `/orders/${id}/shipment`)).toMatchObject({
		...parcels[0],
		carrier: "SF",
		deliveredAt: null
	});
});

it("refuses units that were not bought or left before, and changes nothing", async () => {
	const id = await aPaidOrder();
	await ship(id, [{ skuId: tea, quantity: 2 }]);
	const before = await getOrderStore(shop).get(id);

	const tooMany = await ship(id, [{ skuId: tea, quantity: 4 }]);
	const inTwoLines = await ship(id, [
		{ skuId: tea, quantity: 2 },
		{ skuId: tea, quantity: 2 }
	]);
	const sent = await ship(id, [{ skuId: tea, quantity: 2 }]);
	const foreign = await ship(id, [{ skuId: await aSkuInStock(staff, 0), quantity: 1 }]);
	const cancelled = await staff.send("POST", `/admin/orders/${id}/cancel`, { reason: "too late" });

	expect(tooMany.body).toMatchObject({ code: "VALIDATION_ERROR", data: [{ field: "items[0].quantity" }] });
	expect(inTwoLines.status).toBe(400);
	expect(sent.body).toMatchObject({
		code: "INVALID_STATE",
		data: { items: [{ skuId: tea, requested: 2, left: 1 }] }
	});
	expect(foreign.body).toMatchObject({ code: "VALIDATION_ERROR", data: [{ field: "items[0].skuId" }] });
	expect(cancelled.body.code).toBe("INVALID_STATE");
	expect(await getOrderStore(shop).get(id)).toEqual(before);
});

it("sends no unit twice when staff send at the same time, and frees the numbers of the refused", async () => {
	const id = await aPaidOrder();
	const numbers = Array.from({ length: 6 }, () => unique("SF"));

	const replies = await Promise.all(
		numbers.map(trackingNo => ship(id, [{ skuId: tea, quantity: 1 }], trackingNo))
	);

	expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 409, 409, 409]);
	const refused = numbers.filter((_number, n) => replies[n]?.status === 409);
	expect((await ship(id, undefined, refused[0])).body.data.status).toBe("shipped");
});

it("refuses a tracking number that was used before, however it is written", async () => {
	const [one, other] = [await aPaidOrder(), await aPaidOrder()];
	await ship(one, undefined, "sf 7001");

	const again = await ship(other, undefined, "SF7001");

	expect(again.body).toMatchObject({ code: "DUPLICATE", data: { field: "trackingNo" } });
	expect((await buyer.mustSend("GET", `/orders/${other}`)).status).toBe("paid");
});

it("does not wait for units that were refunded before they were sent", async () => {
	const id = await aPaidOrder();
	const { items } = await getOrderStore(shop).get(id);
	const [teas, cups] = items;
	if (!teas || !cups) throw new Error("The order has two lines");
	const held = [
		{ ...teas, heldQuantity: 1 },
		{ ...cups, cancelledQuantity: 1 }
	];
	await getOrderStore(shop).change({ _id: id }, { $set: { items: held } });

	const first = await ship(id);
	await getOrderStore(shop).change({ _id: id }, { $set: { "items.0.heldQuantity": 0 } });
	const last = await ship(id);

	expect([first.body.data.status, unitsOf(first.body.data)]).toEqual(["paid", [2, 0]]);
	expect([last.body.data.status, unitsOf(last.body.data)]).toEqual(["shipped", [3, 0]]);
});

it("completes by the delivery of the last parcel, else by its sending", async () => {
	await staff.mustSend("PUT", "/admin/config/orders.autoReceive", { value: 3 });
	const id = await aPaidOrder();
	await ship(id, [{ skuId: cup, quantity: 1 }]);
	await ship(id);
	const stored = () => getOrderStore(shop).get(id);
	const { userId, parcels = [], deadline: untracked } = await stored();
	const deliver = (n: number) => {
		const { id: shipmentId, trackingNo } = parcels[n] ?? { id: "", trackingNo: "" };
		const cause = { kind: "order", id };
		const deliveredAt = new Date().toISOString();
		const payload = { shipmentId, orderId: id, userId, cause, trackingNo, deliveredAt };
		return deliverFact(shop, "orders", "shipment.delivered", payload);
	};

	await deliver(0);
	const afterFirst = await stored();
	for (let n = 0; n < 2; n++) await deliver(1);

	expect((untracked?.getTime() ?? 0) - Date.now()).toBeGreaterThan(14 * 86_400_000);
	expect(afterFirst.deadline).toEqual(untracked);
	await until("the order to complete", async () => (await stored()).status === "completed");
});

it("shows an order of an earlier version, which had one parcel that nobody tracked", async () => {
	const id = await aPaidOrder();
	const stored = await getOrderStore(shop).get(id);
	const shipment = { carrier: "顺丰", trackingNo: "SF1", shippedAt: new Date() };
	const items = stored.items.map(({ shippedQuantity: _shipped, ...item }) => item);
	await getOrderStore(shop).change({ _id: id }, { $set: { status: "shipped", shipment, items } });

	const order = await buyer.mustSend("GET", `/orders/${id}`);
	const parcels = await buyer.mustSend("GET", `/orders/${id}/shipments`);

	expect(unitsOf(order)).toEqual([3, 1]);
	expect(parcels).toMatchObject([{ trackingNo: "SF1", deliveredAt: null, events: [] }]);
	expect(parcels[0].items).toHaveLength(2);
});

it("shows no parcels of another's order, and none before the first is sent", async () => {
	const id = await aPaidOrder();
	const stranger = new Shopper(shop, (await shop.register("13511110001")).token);

	expect(await buyer.mustSend("GET", `/orders/${id}/shipments`)).toEqual([]);
	expect((await buyer.send("GET", `/orders/${id}/shipment`)).status).toBe(404);
	expect((await stranger.send("GET", `/orders/${id}/shipments`)).status).toBe(404);
});
