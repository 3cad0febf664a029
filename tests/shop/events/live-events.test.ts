import { ulid } from "ulid";
import type { FactsTransport, StoredFact } from "../../../infrastructure/facts/transport";
import { aSku, StaffClient } from "../../support/builders";
import { EventClient } from "../../support/event-client";
import { newPhone } from "../../support/people";
import { startShop, type Shop } from "../../support/shop";
import { Shopper } from "../../support/shopper";
import { until } from "../../support/until";

let shop: Shop;
let admin: StaffClient;
let skuId: string;
let facts: FactsTransport;
const clients: EventClient[] = [];
beforeAll(async () => {
	shop = await startShop();
	admin = new StaffClient(shop, await shop.asAdmin());
	const product = await admin.addProductOnShelf({ skus: [aSku()] });
	skuId = product.skus[0].id;
	await admin.addStock(skuId, 1000);
	facts = (shop.broker.getLocalService("api") as unknown as { facts: FactsTransport }).facts;
});
afterEach(() => {
	for (const client of clients.splice(0)) client.close();
});
afterAll(() => shop.stop());

async function follow(token: string, options: Parameters<typeof EventClient.open>[2] = {}) {
	const client = await EventClient.open(shop.url, token, options);
	clients.push(client);
	return client;
}
const newShopper = async () => {
	const { token, user } = await shop.register(newPhone());
	return Object.assign(new Shopper(shop, token), { id: user.id });
};
const aFact = (userId: string, n: number): StoredFact => ({
	id: ulid(),
	event: "order.shipped",
	payload: { orderId: `o${n}`, userId, carrier: "SF", trackingNo: `T${n}`, secret: "hidden" },
	at: new Date()
});

it("shows a user the changes of the own orders and payments, and nobody else's", async () => {
	const [one, other] = [await newShopper(), await newShopper()];
	const [ofOne, ofOther] = [await follow(one.token), await follow(other.token)];

	const order = await one.order(skuId);
	const { paymentNo } = await one.createPayment(order.id);
	await one.payAtChannel(paymentNo);
	await ofOne.waitFor("order.paid");
	await other.order(skuId);
	await ofOther.waitFor("order.created");

	expect(ofOne.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
	expect(ofOne.names.toSorted()).toEqual(["order.created", "order.paid", "payment.succeeded"]);
	expect(ofOne.seen[0]).toMatchObject({
		id: expect.stringMatching(/^\w{26}$/),
		data: { orderId: order.id, userId: one.id }
	});
	expect(ofOther.seen.every(({ data }) => data.userId === other.id)).toBe(true);
});

it("shows administrators every fact, or those of a topic, and refuses others", async () => {
	const shopper = await newShopper();
	const all = await follow(admin.token, { path: "/admin/events" });
	const stock = await follow(admin.token, { path: "/admin/events?topic=stock.*,order.paid" });

	const order = await shopper.order(skuId);
	await all.waitFor("order.created");
	await stock.waitFor("stock.reserved");

	expect(all.names).toEqual(expect.arrayContaining(["order.created", "stock.reserved"]));
	expect(stock.names.every(name => name.startsWith("stock."))).toBe(true);
	expect(all.seen.find(({ event }) => event === "order.created")?.data.orderNo).toBe(order.orderNo);
	for (const [path, token, status, code] of [
		["/admin/events", shopper.token, 403, "FORBIDDEN"],
		["/admin/events?topic=nothing.*", admin.token, 400, "VALIDATION_ERROR"],
		["/admin/events?topics=order.*", admin.token, 400, "VALIDATION_ERROR"],
		["/events?topic=order.*", shopper.token, 400, "VALIDATION_ERROR"],
		["/events", "", 401, "UNAUTHORIZED"]
	] as const)
		expect(await shop.http("GET", path, { ...(token && { token }) })).toMatchObject({
			status,
			body: { code }
		});
});

it("resumes after the last event that the client has seen, with none missed and none twice", async () => {
	const { token, id } = await newShopper();
	const published = Array.from({ length: 700 }, (_, n) => aFact(n % 7 ? id : "somebody", n));
	const ids = published.filter(({ payload }) => payload["userId"] === id).map(fact => fact.id);
	const first = await follow(token);
	await facts.publish(published.slice(0, 100));
	await until("the first events", () => first.seen.length > 60);
	const cutAt = first.seen.length;
	first.close();
	await facts.publish(published.slice(100, 400));

	const resuming = follow(token, { lastId: first.seen[cutAt - 1]?.id ?? "" });
	await facts.publish(published.slice(400));
	const second = await resuming;
	await until("the rest", () => cutAt + second.seen.length >= ids.length);

	const seen = [...first.seen.slice(0, cutAt), ...second.seen];
	expect(seen.map(event => event.id).toSorted()).toEqual(ids.toSorted());
	expect(seen[0]?.data).not.toHaveProperty("secret");
});

it("tells a client whose last event is too old or unknown to load its state anew, and goes on", async () => {
	const { token, id } = await newShopper();

	for (const lastId of [ulid(Date.now() - 8 * 24 * 3_600_000), "unknown"]) {
		const client = await follow(token, { lastId });
		await client.waitFor("reset");
		await facts.publish([aFact(id, 1)]);
		await client.waitFor("order.shipped");
		expect(client.names).toEqual(["reset", "order.shipped"]);
	}
});

it("ends with the session, and gives a user five streams", async () => {
	const { token } = await newShopper();
	const open = await Promise.all(Array.from({ length: 5 }, () => follow(token)));
	const sixth = await shop.http("GET", "/events", { token });

	expect(open.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
	expect(sixth).toMatchObject({ status: 429, body: { code: "TOO_MANY_REQUESTS" } });
	open[0]?.close();
	const again = await until("a free place", async () => {
		const client = await follow(token);
		return client.status === 200 ? client : null;
	});
	await shop.http("DELETE", "/me/sessions", { token });
	const { sid } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
	await shop.http("DELETE", `/me/sessions/${sid}`, { token });

	await until("the end", () => [again, ...open.slice(1)].every(({ ended }) => ended));
});

it("lets a slow client catch up from the log, without keeping what it was not sent", async () => {
	const { token, id } = await newShopper();
	const other = await newShopper();
	const response = await fetch(`${shop.url}/api/v1/events`, {
		headers: { Authorization: `Bearer ${token}` }
	});
	const many = Array.from({ length: 4000 }, (_, n) => ({
		...aFact(id, n),
		payload: { orderId: `o${n}`, userId: id, carrier: "x".repeat(2000), trackingNo: `T${n}` }
	}));
	const healthy = await follow(other.token);
	for (let from = 0; from < many.length; from += 500) await facts.publish(many.slice(from, from + 500));
	await facts.publish([aFact(other.id, 1)]);
	await healthy.waitFor("order.shipped");

	let text = "";
	const seen: string[] = [];
	for await (const chunk of response.body ?? []) {
		text += Buffer.from(chunk).toString();
		const lines = text.split("\n");
		text = lines.pop() ?? "";
		seen.push(...lines.filter(line => line.startsWith("event: ")));
		if (seen.length >= many.length) break;
	}

	expect(seen).toHaveLength(many.length);
});
