import { StaffClient, unique } from "../../support/builders";
import { startShop, type Shop } from "../../support/shop";
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
beforeAll(async () => {
	shop = await startShop();
	staff = new StaffClient(shop, await shop.asAdmin());
});
afterAll(() => shop.stop());

const stockOf = (skuId: string) => staff.mustSend("GET", `/admin/inventory/${skuId}`);
const repeat = <V>(n: number, make: (n: number) => Promise<V>) =>
	Promise.all(Array.from({ length: n }, (_, i) => make(i)));

it("sells 50 units to exactly 50 of 200 buyers who come at once", async () => {
	const skuId = await aSkuInStock(staff, 50);
	const buyers = await repeat(200, () => aBuyer(shop));

	const outcomes = await Promise.all(buyers.map(b => refusalOf(b.order([{ skuId, quantity: 1 }]))));

	const tally = Object.fromEntries(
		[...new Set(outcomes)].map(o => [o, outcomes.filter(p => p === o).length])
	);
	expect(tally).toEqual({ "not refused": 50, OUT_OF_STOCK: 150 });
	expect(await stockOf(skuId)).toMatchObject({ available: 0, reserved: 50, sold: 0, level: "out" });
});

it("places one order for 20 parallel calls with one key", async () => {
	const skuId = await aSkuInStock(staff, 50);
	const buyer = await aBuyer(shop);
	const key = unique("one-key-");

	const outcomes = await repeat(20, () => refusalOf(buyer.order([{ skuId, quantity: 1 }], { key })));

	expect(outcomes).toContain("not refused");
	expect(outcomes.every(o => o === "not refused" || o === "IDEMPOTENCY_IN_PROGRESS")).toBe(true);
	expect((await buyer.call("orders.list", {})).total).toBe(1);
	expect(await stockOf(skuId)).toMatchObject({ available: 49, reserved: 1 });
});

it("lets no user hold more than five unpaid orders, however many are placed at once", async () => {
	const skuId = await aSkuInStock(staff, 50);
	const buyer = await aBuyer(shop);

	const outcomes = await repeat(20, () => refusalOf(buyer.order([{ skuId, quantity: 1 }])));

	expect(outcomes.filter(o => o === "not refused")).toHaveLength(5);
	expect(outcomes.filter(o => o === "TOO_MANY_REQUESTS")).toHaveLength(15);
	expect(await stockOf(skuId)).toMatchObject({ available: 45, reserved: 5 });
});

it("frees the slot when an unpaid order ends", async () => {
	const skuId = await aSkuInStock(staff, 50);
	const buyer = await aBuyer(shop);
	const [first] = await repeat(5, () => buyer.order([{ skuId, quantity: 1 }]));
	const full = await refusalOf(buyer.order([{ skuId, quantity: 1 }]));

	await buyer.call("orders.cancel", { id: first.id });

	expect(full).toBe("TOO_MANY_REQUESTS");
	expect(await refusalOf(buyer.order([{ skuId, quantity: 1 }]))).toBe("not refused");
	expect(await refusalOf(buyer.order([{ skuId, quantity: 1 }]))).toBe("TOO_MANY_REQUESTS");
});

it("lets either the payment or the cancellation win, 80 times, and accounts for every unit and fen", async () => {
	const ROUNDS = 80;
	const skuId = await aSkuInStock(staff, ROUNDS);

	const ended = await repeat(ROUNDS, async n => {
		const buyer = await aBuyer(shop);
		const order = await buyer.order([{ skuId, quantity: 1 }]);
		const payment = aPaymentFor(order);
		const pay = () => deliverFact(shop, "orders", "payment.succeeded", payment);
		const cancel = () => refusalOf(buyer.call("orders.cancel", { id: order.id }));
		const [, refusal] =
			n % 2 ? await Promise.all([pay(), cancel()]) : (await Promise.all([cancel(), pay()])).reverse();
		const { status, paymentId, refusedPayments } = await getOrderStore(shop).get(order.id);
		return {
			status,
			refusal,
			accepted: paymentId === payment.paymentId,
			refused: refusedPayments.length
		};
	});

	const paid = ended.filter(e => e.status === "paid");
	const cancelled = ended.filter(e => e.status === "cancelled");
	expect(paid.length + cancelled.length).toBe(ROUNDS);
	expect(paid.every(e => e.accepted && e.refused === 0 && e.refusal === "INVALID_STATE")).toBe(true);
	expect(cancelled.every(e => !e.accepted && e.refused === 1 && e.refusal === "not refused")).toBe(true);
	await until("the stock to follow", async () => {
		const { available, reserved, sold } = await stockOf(skuId);
		return available === cancelled.length && reserved === 0 && sold === paid.length;
	});
});
