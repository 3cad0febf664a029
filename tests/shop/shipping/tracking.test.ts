import { SANDBOX_KUAIDI100 } from "../../../infrastructure/sandbox-keys/keys";
import { signMd5 } from "../../../services/shipping/tracking/kuaidi100.wire";
import type { ShippingContext } from "../../../services/shipping/shipping.context";
import { StaffClient, unique } from "../../support/builders";
import { aPaymentFor, aSkuInStock, deliverFact, getOrderStore } from "../../support/buyers";
import { startShop, type Reply, type Shop } from "../../support/shop";
import { Shopper } from "../../support/shopper";
import { until } from "../../support/until";

type Data = Reply["body"]["data"];
let shop: Shop;
let staff: StaffClient;
let buyer: Shopper;
let skuId: string;
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
	buyer = new Shopper(shop, (await shop.register("13511130000")).token);
	await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 100 });
	skuId = await aSkuInStock(staff, 500);
});
afterAll(() => shop.stop());

/** A shipped order, sent in as many parcels as there are tracking numbers. */
async function aShippedOrder(...numbers: readonly string[]): Promise<string> {
	const order = await buyer.order(skuId, numbers.length);
	await deliverFact(shop, "orders", "payment.succeeded", aPaymentFor(order));
	for (const trackingNo of numbers)
		await staff.mustSend("POST", `/admin/orders/${order.id}/ship`, {
			carrier: "顺丰",
			trackingNo,
			items: [{ skuId, quantity: 1 }]
		});
	return order.id as string;
}
const advance = async (trackingNo: string, body: object): Promise<Data> =>
	(await shop.http("POST", `/sandbox/shipments/${trackingNo}/advance`, { body })).body.data;
const shipmentOf = (id: string): Promise<Data> => buyer.mustSend("GET", `/orders/${id}/shipment`);
const storedParcel = (trackingNo: string) =>
	(shop.broker.getLocalService("shipping") as unknown as ShippingContext).parcels.findOne({
		numberKey: trackingNo.toUpperCase()
	});

it("follows the pushes of the tracking service, and the order completes after the last delivery", async () => {
	await staff.mustSend("PUT", "/admin/config/orders.autoReceive", { value: 1 });
	const numbers = [unique("SF"), unique("SF")] as const;
	const id = await aShippedOrder(...numbers);

	const pushed = await advance(numbers[0], {});
	const collected = await shipmentOf(id);
	await advance(numbers[0], { status: "delivered", notify: "twice" });
	const delivered = await shipmentOf(id);
	const afterFirst = (await getOrderStore(shop).get(id)).status;
	await advance(numbers[1], { status: "delivered" });

	expect(pushed).toMatchObject({ status: "collected", notifications: [{ status: 200 }] });
	expect(collected).toMatchObject({ status: "collected", deliveredAt: null });
	expect(collected.events).toMatchObject([{ status: "collected", place: "杭州市" }]);
	expect(delivered).toMatchObject({ status: "delivered", deliveredAt: expect.any(String) });
	expect(delivered.events).toHaveLength(2);
	expect(afterFirst).toBe("shipped");
	await until(
		"the order to complete by itself",
		async () => (await getOrderStore(shop).get(id)).status === "completed"
	);
	const { receiveBy, parcels } = await getOrderStore(shop).get(id);
	expect(parcels?.every(parcel => parcel.deliveredAt)).toBe(true);
	expect(receiveBy?.getTime()).toBe((parcels?.[1]?.deliveredAt?.getTime() ?? 0) + 1000);
	await staff.mustSend("PUT", "/admin/config/orders.autoReceive", { value: 604_800 });
});

it("does not go back by pushes that come late, and believes no forged one", async () => {
	const number = unique("SF");
	const id = await aShippedOrder(number);
	await advance(number, { status: "collected" });
	await advance(number, { status: "delivering" });

	const late = await advance(number, { status: "collected" });
	const forged = await advance(number, { status: "delivered", notify: "forged" });

	expect(late.notifications).toMatchObject([{ status: 200 }]);
	expect(forged.notifications).toMatchObject([{ status: 401 }]);
	expect(JSON.parse(forged.notifications[0].body)).toMatchObject({ result: false });
	expect(await shipmentOf(id)).toMatchObject({ status: "delivering", deliveredAt: null });
});

it("asks the tracking service when pushes stay away", async () => {
	const number = unique("SF");
	const id = await aShippedOrder(number);

	await advance(number, { status: "delivered", notify: "never" });

	await until("the service to be asked", async () => (await storedParcel(number))?.status === "delivered");
	await until(
		"the order to know",
		async () => (await getOrderStore(shop).get(id)).parcels?.[0]?.deliveredAt
	);
	expect((await storedParcel(number))?.nextPollAt).toBeUndefined();
});

it("accepts pushes about parcels that it does not know, and refuses what it can't read", async () => {
	const push = async (
		param: string,
		sign = signMd5(param, SANDBOX_KUAIDI100.salt),
		provider = "kuaidi100"
	) => {
		const response = await fetch(`${shop.url}/api/v1/shipping/notify/${provider}`, {
			method: "POST",
			headers: { "Content-Type": "application/x-www-form-urlencoded" },
			body: new URLSearchParams({ sign, param }).toString()
		});
		return response.status;
	};
	const lastResult = {
		nu: "UNKNOWN1",
		state: "3",
		data: [{ time: "2026-01-31 08:00:00", context: "签收" }]
	};

	expect(await push(JSON.stringify({ lastResult }))).toBe(200);
	expect(await push(JSON.stringify({ status: "abort", message: "3天查询无记录" }))).toBe(200);
	expect(await push("no json")).toBe(401);
	expect(await push("{}", "")).toBe(401);
	expect(await push("{}", signMd5("{}", "salt"))).toBe(401);
	expect(await push("{}", undefined, "none")).toBe(404);
});

it("tracks a parcel that is sent for another cause than an order, and tells of its delivery once", async () => {
	const trackingNo = unique("SF");
	const cause = { kind: "after_sale", id: unique("case-") };
	const parcel = { orderId: "o1", userId: "u1", cause, carrier: "中通", trackingNo, phone: "13900000000" };
	const request = { parcelId: unique("p-"), ...parcel, items: [{ skuId, quantity: 1 }] };
	for (let n = 0; n < 2; n++) await shop.broker.call("shipping.createParcel", request);

	await advance(trackingNo, { status: "delivered", notify: "twice" });

	const shown: Data = await shop.broker.call("shipping.parcels", { cause });
	expect(shown).toMatchObject([{ trackingNo, status: "delivered", items: request.items }]);
	expect(await storedParcel(trackingNo)).toMatchObject({ carrierCode: "ZTO", phoneTail: "0000" });
});
