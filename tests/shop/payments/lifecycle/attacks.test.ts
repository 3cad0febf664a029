import { unique } from "../../../support/builders";
import { until } from "../../../support/until";
import { PayingShop } from "../../../support/payments/paying-shop";

let counter: PayingShop;
beforeAll(async () => {
	counter = await PayingShop.open();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => counter.shop.stop());

const many = <V>(n: number, make: (n: number) => Promise<V>) =>
	Promise.all(Array.from({ length: n }, (_, i) => make(i)));

it.each(["alipay", "wechat"] as const)("turns a notice of %s away that is too long", async channel => {
	const { payment, untouched } = await counter.unpaidOrder(channel);
	const notice = counter.notificationWriters[channel](payment);

	const status = await counter.post({ ...notice, body: notice.body + "x".repeat(64 * 1024) });

	expect(status).toBe(413);
	await untouched();
});

it("keeps one of two payments that were both paid, shows that one, and returns the other [34]", async () => {
	const order = await counter.order();
	const first = await counter.shopper.createPayment(order.id, "alipay", "qr");
	const second = await counter.shopper.createPayment(order.id, "wechat", "qr"); // nobody scanned the first: it stays payable

	await Promise.all([first, second].map(p => counter.shopper.payAtChannel(p.paymentNo)));

	await counter.orderIs(order.id, "paid");
	await counter.paymentIs(order.id, "refunded");
	const kept = await counter.paymentIs(order.id, "succeeded");
	expect((await counter.shopper.mustSend("GET", `/orders/${order.id}`)).payment.id).toBe(kept.id);
});

it.each(["page", "qr"])(
	"returns money for a %s that was opened after the order was cancelled [32, 33]",
	async scene => {
		const order = await counter.order();
		const payment = await counter.shopper.createPayment(order.id, "alipay", scene);
		await counter.shopper.mustSend("POST", `/orders/${order.id}/cancel`, {});
		await counter.paymentIs(order.id, "closed");

		await counter.emulator("alipay").pay(payment.paymentNo, "success", payment.action.url);
		await counter.post(await counter.notification("alipay", payment.paymentNo));

		await counter.paymentIs(order.id, "refunded");
		expect((await counter.shopper.mustSend("GET", `/orders/${order.id}`)).status).toBe("cancelled");
	}
);

it("ends 50 races of paying and cancelling in one or the other, to the last unit and fen [31]", async () => {
	const stock = () => counter.staff.mustSend("GET", `/admin/inventory/${counter.skuId}`);
	const before = await stock();
	const orders = await many(50, () => counter.order());
	const payments = await many(50, n =>
		counter.shopper.createPayment(orders[n].id, n % 4 < 2 ? "alipay" : "wechat")
	);

	await many(50, n => {
		const pay = () => counter.shopper.payAtChannel(payments[n].paymentNo);
		const cancel = () => counter.shopper.send("POST", `/orders/${orders[n].id}/cancel`, {});
		return n % 2 ? Promise.all([pay(), cancel()]) : Promise.all([cancel(), pay()]);
	});

	const ended = await many(50, n =>
		until(
			"the end",
			async () => {
				const { status } = await counter.shopper.mustSend("GET", `/orders/${orders[n].id}`);
				const [payment] = await counter.payments(orders[n].id);
				if (status === "paid") return payment.status === "succeeded" && "paid";
				const over = payment.status === "refunded" || payment.status === "closed";
				return status === "cancelled" && over && "cancelled";
			},
			30_000
		)
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
}, 60_000);

it("takes the price of the order, not of the day, and pays it once [36, 37]", async () => {
	const order = await counter.order();
	const { version } = await counter.staff.mustSend("GET", `/admin/products/${counter.productId}`);
	expect(version).toBeGreaterThan(0);
	await counter.staff.mustSend("PATCH", `/admin/products/${counter.productId}/skus/${counter.skuId}`, {
		price: 5
	});

	const payment = await counter.shopper.createPayment(order.id, "alipay");
	await counter.shopper.payAtChannel(payment.paymentNo);
	await counter.orderIs(order.id, "paid");
	const again = await counter.shopper.send(
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
			.spyOn(counter.channel("wechat"), "create")
			.mockResolvedValueOnce({ outcome: "unknown", cause: "timeout", detail: "" });

	it("costs a second try with the same key, not a second payment", async () => {
		const order = await counter.order();
		const key = unique("payment-");
		silentOnce();

		const first = await counter.shopper.send("POST", "/payments", body(order.id), key);
		const second = await counter.shopper.send("POST", "/payments", body(order.id), key);

		expect([first.status, second.status]).toEqual([503, 201]);
		expect(await counter.payments(order.id)).toHaveLength(1);
	});

	it("is another thing than one that says no: then another payment has to be begun", async () => {
		const order = await counter.order();
		const key = unique("payment-");
		const no = { outcome: "refused", code: "NO_AUTH", message: "" } as const;
		jest.spyOn(counter.channel("wechat"), "create").mockResolvedValueOnce(no);

		const first = await counter.shopper.send("POST", "/payments", body(order.id), key);
		const again = await counter.shopper.send("POST", "/payments", body(order.id), key);
		const other = await counter.shopper.send("POST", "/payments", body(order.id), unique("payment-"));

		expect([first, again, other].map(reply => `${reply.status} ${reply.body.code}`)).toEqual([
			"503 SERVICE_UNAVAILABLE",
			"409 INVALID_STATE",
			"201 OK"
		]);
	});

	it("leaves the key to what it was used for", async () => {
		const [order, other] = [await counter.order(), await counter.order()];
		const key = unique("payment-");
		silentOnce();
		await counter.shopper.send("POST", "/payments", body(order.id), key);

		const { status, body: answer } = await counter.shopper.send("POST", "/payments", body(other.id), key);

		expect([status, answer.code]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
	});

	it("does not keep the payments of another channel waiting", async () => {
		const [slow, quick] = [await counter.order(), await counter.order()];
		const waiting = await counter.shopper.createPayment(slow.id, "wechat");
		const asked = await counter.shopper.createPayment(quick.id, "alipay");
		await counter.shopper.payAtChannel(asked.paymentNo, "never");
		const hang = Promise.withResolvers<{ outcome: "unpaid" }>();
		jest.spyOn(counter.channel("wechat"), "query").mockReturnValue(hang.promise);
		const long = new Date(0);

		await counter.context.payments.change({ _id: asked.id }, { $set: { askAt: new Date(1) } });
		await counter.context.payments.change({ _id: waiting.id }, { $set: { askAt: long } });

		await counter.orderIs(quick.id, "paid").finally(() => hang.resolve({ outcome: "unpaid" }));
	});
});

it("begins one payment when twins with one key meet inside the service", async () => {
	const order = await counter.order();
	const { id } = await counter.shopper.mustSend("GET", "/me");
	const meta = { user: { id, roles: ["customer"], sessionId: "s" } };
	const params = { key: unique("payment-"), orderId: order.id, channel: "wechat", scene: "qr" };

	await many(20, () => counter.shop.broker.call("payments.create", params, { meta }));

	expect(await counter.payments(order.id)).toMatchObject([{ status: "pending" }]);
});

it("leaves no dead letter behind", async () => {
	expect(await counter.deadLetters()).toEqual([]);
});
