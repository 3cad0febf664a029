import type { ChannelName } from "../../schemas/payments.contract";
import { aSku, Catalogue, unique } from "../catalogue/builders";
import { Shopper } from "../harness/shopper";
import { ShopProcess } from "../harness/shop-process";
import { until } from "../harness/until";
import { ChannelHouse } from "./channel-house";

let house: ChannelHouse;
let shop: ShopProcess;
let staff: Catalogue;
let shopper: Shopper;
let skuId: string;
beforeAll(async () => {
	house = await ChannelHouse.open();
	shop = await ShopProcess.start(house.env);
	staff = new Catalogue(shop, await shop.asAdmin());
	shopper = new Shopper(shop, await shop.asUser());
	const product = await staff.onShelf({ skus: [aSku({ price: 1000 })] });
	skuId = product.skus[0].id;
	await staff.stock(skuId, 100);
}, 90_000);
afterAll(async () => {
	await shop.remove();
	await house.die();
});

const orderIs = (id: string, status: string) =>
	until(
		`order ${status}`,
		async () => (await shopper.must("GET", `/orders/${id}`)).status === status,
		40_000
	);
const payments = async (orderId: string) =>
	(await staff.must("GET", `/admin/payments?orderId=${orderId}`)).items;

/** The channel does what it is asked for next, and the shop is dead before it hears of it; then it is started again. */
async function dyingAsIt(asks: () => Promise<unknown>): Promise<void> {
	const dead = Promise.withResolvers<unknown>();
	house.trouble = async (response, done) => {
		house.trouble = null;
		await done();
		dead.resolve(await shop.end("SIGKILL"));
		response.destroy();
	};
	const asked = asks().catch(() => "cut off");
	await dead.promise;
	await asked;
	await shop.start();
}

async function paid(channel: ChannelName) {
	const order = await shopper.order(skuId);
	const payment = await shopper.pay(order.id, channel, "qr");
	await house.takes(payment);
	await orderIs(order.id, "paid");
	return { order, payment };
}

describe.each(["alipay", "wechat"] as const)("a shop killed while %s does what it asked for", channel => {
	it("finds out by asking that the payment it had begun was paid [47]", async () => {
		const order = await shopper.order(skuId);
		const body = { orderId: order.id, channel, scene: "qr" };

		await dyingAsIt(() => shopper.send("POST", "/payments", body, unique("payment-")));
		const [left] = await payments(order.id);
		await house.takes(left, { notify: false });

		await orderIs(order.id, "paid");
		expect(left).toMatchObject({ status: "pending", action: null });
		expect(await payments(order.id)).toMatchObject([
			{ status: "succeeded", paidAmount: 1000, refunds: [] }
		]);
	}, 90_000);

	it("finds out by asking that the refund was made, and makes no other [47]", async () => {
		const { order, payment } = await paid(channel);

		await dyingAsIt(() =>
			shop.http("POST", `/admin/orders/${order.id}/cancel`, {
				token: staff.token,
				body: { reason: "缺货" }
			})
		);

		await orderIs(order.id, "refunded");
		expect(await house.refundsOf(payment)).toEqual([1000]);
		expect(await payments(order.id)).toMatchObject([
			{ status: "refunded", refunded: 1000, refunds: [{ status: "succeeded" }] }
		]);
	}, 90_000);
});
