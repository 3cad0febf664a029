// A shopper with nothing but the packed client: node sdk-shopper.mjs <url> <phone> <password> <skuId>. Prints what it saw as JSON.
import { createIdempotencyKey, createShopClient, hasCode } from "zjmall-sdk";

const [baseUrl, phone, password, skuId] = process.argv.slice(2);
const shop = createShopClient({ baseUrl, language: "en" });
await shop.signIn({ phone, password });
const refusal = await shop
	.GET("/api/v1/orders/{id}", { params: { path: { id: "none" } } })
	.catch(err => hasCode(err, "NOT_FOUND") && [err.status, err.message, err.data.what]);

/** Follows events, does the work once the stream is open, and ends with the first event of the name. */
async function followUntil(name, { lastEventId, work = async () => undefined } = {}) {
	const seen = [];
	let doing;
	for await (const event of shop.followEvents({ lastEventId, onOpen: () => (doing ??= work()) })) {
		seen.push(event);
		if (event.event === name) break;
	}
	return { seen, made: await doing };
}

const address = await shop.POST("/api/v1/me/addresses", {
	body: {
		receiver: "韩梅梅",
		phone,
		province: "浙江省",
		city: "杭州市",
		district: "西湖区",
		detail: "文三路 2 号"
	}
});
const header = { "Idempotency-Key": createIdempotencyKey() };
const placeOrder = () =>
	shop.POST("/api/v1/orders", {
		params: { header },
		body: { items: [{ skuId, quantity: 1 }], addressId: address.id }
	});
const placed = await followUntil("order.created", { work: placeOrder });
const order = placed.made;
const again = await placeOrder();

const payment = await shop.POST("/api/v1/payments", {
	params: { header: { "Idempotency-Key": createIdempotencyKey() } },
	body: { orderId: order.id, channel: "wechat", scene: "qr" }
});
await shop.POST("/api/v1/sandbox/payments/{paymentNo}/pay", {
	params: { path: { paymentNo: payment.paymentNo } },
	body: { outcome: "success", notify: "once" }
});
const paid = await followUntil("order.paid", { lastEventId: placed.seen.at(-1).id });
const { status } = await shop.GET("/api/v1/orders/{id}", { params: { path: { id: order.id } } });
await shop.signOut();

const events = [...placed.seen, ...paid.seen].filter(({ data }) => data.orderId === order.id);
process.stdout.write(
	JSON.stringify({
		refusal,
		isSameOrder: order.id === again.id,
		ids: events.map(({ id }) => id),
		names: events.map(({ event }) => event),
		status
	})
);
