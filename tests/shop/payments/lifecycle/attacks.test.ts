import { unique } from "../../../support/builders";
import { until } from "../../../support/until";
import { PayingShop } from "../../../support/payments/paying-shop";
import type { Data } from "../../../support/payments/stocked-shop";

let payingShop: PayingShop;
beforeAll(async () => {
	payingShop = await PayingShop.start();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => payingShop.shop.stop());

const many = <V>(n: number, make: (n: number) => Promise<V>) =>
	Promise.all(Array.from({ length: n }, (_, i) => make(i)));

it.each(["alipay", "wechat"] as const)("rejects a notification of %s that is too long", async channel => {
	const { payment, expectUnchanged } = await payingShop.createUnpaidPayment(channel);
	const notification = payingShop.notificationWriters[channel](payment);

	const status = await payingShop.postNotification({
		...notification,
		body: notification.body + "x".repeat(64 * 1024)
	});

	expect(status).toBe(413);
	await expectUnchanged();
});

it("keeps one of two payments that were both paid, shows that one, and returns the other [34]", async () => {
	const order = await payingShop.placeOrder();
	const first = await payingShop.shopper.createPayment(order.id, "alipay", "qr");
	const second = await payingShop.shopper.createPayment(order.id, "wechat", "qr"); // The first was never scanned, so it stays payable.

	await Promise.all([first, second].map(p => payingShop.shopper.payAtChannel(p.paymentNo)));

	await payingShop.waitForOrder(order.id, "paid");
	await payingShop.waitForPayment(order.id, "refunded");
	const kept = await payingShop.waitForPayment(order.id, "succeeded");
	expect((await payingShop.shopper.mustSend("GET", `/orders/${order.id}`)).payment.id).toBe(kept.id);
});

it.each(["page", "qr"])(
	"returns money for a %s that was opened after the order was cancelled [32, 33]",
	async scene => {
		const order = await payingShop.placeOrder();
		const payment = await payingShop.shopper.createPayment(order.id, "alipay", scene);
		await payingShop.shopper.mustSend("POST", `/orders/${order.id}/cancel`, {});
		await payingShop.waitForPayment(order.id, "closed");

		await payingShop.getEmulator("alipay").pay(payment.paymentNo, "success", payment.action);
		await payingShop.postNotification(await payingShop.getNotification("alipay", payment.paymentNo));

		await payingShop.waitForPayment(order.id, "refunded");
		expect((await payingShop.shopper.mustSend("GET", `/orders/${order.id}`)).status).toBe("cancelled");
	}
);

it("ends each of 50 races of payment and cancellation as paid or cancelled, to the last unit and fen [31]", async () => {
	const stock = () => payingShop.staff.mustSend("GET", `/admin/inventory/${payingShop.skuId}`);
	const before = await stock();
	const orders: Data[] = [];
	while (orders.length < 50) orders.push(await payingShop.placeOrder());
	const payments = await many(50, n =>
		payingShop.shopper.createPayment(orders[n].id, n % 4 < 2 ? "alipay" : "wechat")
	);

	await many(50, n => {
		const pay = () => payingShop.shopper.payAtChannel(payments[n].paymentNo);
		const cancel = () => payingShop.shopper.send("POST", `/orders/${orders[n].id}/cancel`, {});
		return n % 2 ? Promise.all([pay(), cancel()]) : Promise.all([cancel(), pay()]);
	});

	const ended = await many(50, n =>
		until("the end", async () => {
			const { status } = await payingShop.shopper.mustSend("GET", `/orders/${orders[n].id}`);
			const [payment] = await payingShop.listPayments(orders[n].id);
			if (status === "paid") return payment.status === "succeeded" && "paid";
			const over = payment.status === "refunded" || payment.status === "closed";
			return status === "cancelled" && over && "cancelled";
		})
	);
	const paid = ended.filter(e => e === "paid").length;
	await until("the stock", async () => {
		const { available, reserved, sold } = await stock();
		return (
			available === before.available - paid &&
			reserved === before.reserved &&
			sold === before.sold + paid
		);
	});
});

it("takes the price of the order, not of the day, and pays it once [36, 37]", async () => {
	const order = await payingShop.placeOrder();
	const { version } = await payingShop.staff.mustSend("GET", `/admin/products/${payingShop.productId}`);
	expect(version).toBeGreaterThan(0);
	await payingShop.staff.mustSend(
		"PATCH",
		`/admin/products/${payingShop.productId}/skus/${payingShop.skuId}`,
		{
			price: 5
		}
	);

	const payment = await payingShop.shopper.createPayment(order.id, "alipay");
	await payingShop.shopper.payAtChannel(payment.paymentNo);
	await payingShop.waitForOrder(order.id, "paid");
	const again = await payingShop.shopper.send(
		"POST",
		"/payments",
		{ orderId: order.id, channel: "alipay", scene: "page" },
		unique("payment-")
	);

	expect(payment.amount).toBe(1000);
	expect([again.status, again.body.code]).toEqual([409, "INVALID_STATE"]);
});

describe("a channel that does not answer", () => {
	const body = (orderId: string) => ({ orderId, channel: "wechat", scene: "qr" });
	const silentOnce = () =>
		jest
			.spyOn(payingShop.getChannel("wechat"), "create")
			.mockResolvedValueOnce({ outcome: "unknown", cause: "timeout", detail: "" });

	it("needs a second request with the same key, not a second payment", async () => {
		const order = await payingShop.placeOrder();
		const key = unique("payment-");
		silentOnce();

		const first = await payingShop.shopper.send("POST", "/payments", body(order.id), key);
		const second = await payingShop.shopper.send("POST", "/payments", body(order.id), key);

		expect([first.status, second.status]).toEqual([503, 201]);
		expect(await payingShop.listPayments(order.id)).toHaveLength(1);
	});

	it("differs from a channel that refuses, after which another payment has to be begun", async () => {
		const order = await payingShop.placeOrder();
		const key = unique("payment-");
		const no = { outcome: "refused", code: "NO_AUTH", message: "" } as const;
		jest.spyOn(payingShop.getChannel("wechat"), "create").mockResolvedValueOnce(no);

		const first = await payingShop.shopper.send("POST", "/payments", body(order.id), key);
		const again = await payingShop.shopper.send("POST", "/payments", body(order.id), key);
		const other = await payingShop.shopper.send("POST", "/payments", body(order.id), unique("payment-"));

		expect([first, again, other].map(reply => `${reply.status} ${reply.body.code}`)).toEqual([
			"503 SERVICE_UNAVAILABLE",
			"409 INVALID_STATE",
			"201 OK"
		]);
	});

	it("keeps the key bound to its payment", async () => {
		const [order, other] = [await payingShop.placeOrder(), await payingShop.placeOrder()];
		const key = unique("payment-");
		silentOnce();
		await payingShop.shopper.send("POST", "/payments", body(order.id), key);

		const { status, body: answer } = await payingShop.shopper.send(
			"POST",
			"/payments",
			body(other.id),
			key
		);

		expect([status, answer.code]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
	});

	it("does not keep the payments of another channel waiting", async () => {
		const [slow, quick] = [await payingShop.placeOrder(), await payingShop.placeOrder()];
		const waiting = await payingShop.shopper.createPayment(slow.id, "wechat");
		const asked = await payingShop.shopper.createPayment(quick.id, "alipay");
		await payingShop.shopper.payAtChannel(asked.paymentNo, "never");
		const hang = Promise.withResolvers<{ outcome: "unpaid" }>();
		jest.spyOn(payingShop.getChannel("wechat"), "query").mockReturnValue(hang.promise);
		const long = new Date(0);

		await payingShop.context.payments.change({ _id: asked.id }, { $set: { nextPollAt: new Date(1) } });
		await payingShop.context.payments.change({ _id: waiting.id }, { $set: { nextPollAt: long } });

		await payingShop.waitForOrder(quick.id, "paid").finally(() => hang.resolve({ outcome: "unpaid" }));
	});
});

it("begins one payment for concurrent duplicates inside the service", async () => {
	const order = await payingShop.placeOrder();
	const { id } = await payingShop.shopper.mustSend("GET", "/me");
	const meta = { user: { id, roles: ["customer"], sessionId: "s" } };
	const params = { key: unique("payment-"), orderId: order.id, channel: "wechat", scene: "qr" };

	const outcomes = await many(20, () =>
		payingShop.shop.broker.call("payments.create", params, { meta }).then(
			() => "created",
			(err: unknown) => (err as { type: string }).type
		)
	);

	expect(outcomes).toContain("created");
	expect(outcomes.filter(one => one !== "created" && one !== "IDEMPOTENCY_IN_PROGRESS")).toEqual([]);
	expect(await payingShop.listPayments(order.id)).toMatchObject([{ status: "pending" }]);
});

it("leaves no dead letter behind", async () => {
	expect(await payingShop.listDeadLetters()).toEqual([]);
});
