import { setTimeout as pause } from "node:timers/promises";
import { StaffClient, unique } from "../../support/builders";
import { startShop, type Reply, type Shop } from "../../support/shop";
import { until } from "../../support/until";
import { isVerified, WebhookReceiver } from "../../support/webhook-receiver";
import type * as RepeatModule from "../../../services/webhooks/repeat-delivery";
import type { WebhooksContext } from "../../../services/webhooks/webhooks.context";

let shop: Shop;
let admin: StaffClient;
const receivers: WebhookReceiver[] = [];
beforeAll(async () => {
	shop = await startShop({ WEBHOOKS_ALLOW_PRIVATE: "on" });
	admin = new StaffClient(shop, await shop.asAdmin());
});
afterEach(async () => {
	const { items } = await admin.mustSend("GET", "/admin/webhooks");
	for (const { id } of items) await admin.mustSend("DELETE", `/admin/webhooks/${id}`);
	await Promise.all(receivers.splice(0).map(receiver => receiver.stop()));
});
afterAll(() => shop.stop());

const context = () => shop.broker.getLocalService("webhooks") as unknown as WebhooksContext;
async function receive(topics: readonly string[], more: object = {}) {
	const receiver = await WebhookReceiver.start();
	receivers.push(receiver);
	const body = { url: receiver.url, topics, ...more };
	const webhook = await admin.mustSend("POST", "/admin/webhooks", body);
	return { receiver, webhook };
}
const deliveriesOf = async ({ id }: { id: string }, query = ""): Promise<Reply["body"]["data"][]> =>
	(await admin.mustSend("GET", `/admin/webhooks/${id}/deliveries${query}`)).items;
/** Makes facts `promotion.changed`. */
const makeFact = (): Promise<{ id: string }> =>
	admin.mustSend("POST", "/admin/promotions", {
		name: unique("满减"),
		type: "amount_off",
		threshold: 100_000,
		value: 1,
		scope: { all: true },
		startsAt: "2026-01-01T00:00:00.000Z",
		endsAt: "2036-01-01T00:00:00.000Z",
		enabled: false
	});

it("delivers the facts of its topics, signed as the official verifier demands, and shows the secret once", async () => {
	const { receiver, webhook } = await receive(["promotion.*"]);
	const other = await receive(["order.*"]);

	const promotion = await makeFact();
	const [seen] = await until("the delivery", () => (receiver.received.length ? receiver.received : null));

	expect(webhook.secret).toMatch(/^whsec_/);
	expect(seen).toMatchObject({ type: "promotion.changed", data: { promotionId: promotion.id } });
	expect(JSON.parse(seen?.text ?? "")).toEqual({
		type: seen?.type,
		timestamp: expect.any(String),
		data: seen?.data
	});
	expect(seen && isVerified(webhook.secret, seen)).toBe(true);
	expect(seen && isVerified(other.webhook.secret, seen)).toBe(false);
	const [delivery] = await until("its end", async () => {
		const items = await deliveriesOf(webhook, "?status=delivered");
		return items.length ? items : null;
	});
	expect(delivery).toMatchObject({
		eventId: seen?.id,
		type: "promotion.changed",
		attempts: 1,
		lastStatus: 204
	});
	expect(other.receiver.received).toEqual([]);
	const shown = await admin.mustSend("GET", `/admin/webhooks/${webhook.id}`);
	expect(shown).not.toHaveProperty("secret");
	expect(JSON.stringify(await context().webhooks.find({ enabled: true }))).not.toContain(
		webhook.secret.slice(6)
	);
});

it("signs with the old and the new secret after a rotation", async () => {
	const given = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
	const { receiver, webhook } = await receive(["promotion.*"], { secret: given });
	const { secret } = await admin.mustSend("POST", `/admin/webhooks/${webhook.id}/rotate-secret`);

	const test = await admin.mustSend("POST", `/admin/webhooks/${webhook.id}/test`);

	expect(webhook.secret).toBe(given);
	expect(test).toMatchObject({ type: "webhook.test", status: "delivered", lastStatus: 204 });
	const [seen] = receiver.received;
	expect(seen && [given, secret].map(each => isVerified(each, seen))).toEqual([true, true]);
});

it("tries again under the same id within 30 s, follows no redirect, and waits for no slow endpoint", async () => {
	const slow = await receive(["promotion.*"]);
	slow.receiver.answer = () => undefined;
	const target = await WebhookReceiver.start();
	receivers.push(target);
	const { receiver, webhook } = await receive(["promotion.*"]);
	receiver.answer = res =>
		receiver.received.length === 1
			? res.writeHead(302, { Location: target.url }).end()
			: res.writeHead(200).end("x".repeat(1_000_000));

	for (let n = 0; n < 12; n++) await makeFact();
	await until("the second attempt", () => receiver.received.length > 12);

	const [first] = receiver.received;
	expect(receiver.received.filter(({ id }) => id === first?.id)).toHaveLength(2);
	expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(12);
	expect(target.received).toEqual([]);
	expect(slow.receiver.received.length).toBeLessThanOrEqual(10);
	await until("the end", async () => (await deliveriesOf(webhook, "?status=delivered")).length === 12);
});

it("gives a delivery up as a dead letter, which a replay delivers, and switches a failing endpoint off", async () => {
	const { receiver, webhook } = await receive(["promotion.*"]);
	const { receiver: watcher } = await receive(["webhook.*"]);
	receiver.answer = res => res.writeHead(500).end();
	await makeFact();
	const [failed] = await until("the first failure", async () => {
		const items = await deliveriesOf(webhook);
		return items[0]?.lastStatus === 500 ? items : null;
	});
	const longAgo = new Date(Date.now() - 25 * 3_600_000);
	await context().webhooks.change({ _id: webhook.id }, { $set: { failingSince: longAgo } });
	await context().deliveries.change(
		{ _id: failed?.id },
		{ $set: { giveUpAt: new Date(), nextAttemptAt: new Date() } }
	);

	await until("the fact", () => watcher.of("webhook.switched_off").length === 1);
	const [delivery] = await deliveriesOf(webhook);
	const off = await admin.mustSend("GET", `/admin/webhooks/${webhook.id}`);

	expect(delivery).toMatchObject({ status: "failed", lastStatus: 500, nextAttemptAt: null });
	expect(off).toMatchObject({
		enabled: false,
		failingSince: longAgo.toISOString(),
		switchedOffAt: expect.any(String)
	});
	expect(watcher.of("webhook.delivery_failed")).toHaveLength(1);
	// The fact's handler fails until the fact is a dead letter; its first attempt after that is a replay.
	await until(
		"the dead letter's beginning",
		async () => (await context().deliveries.findOne({ _id: delivery?.id }))?.buried
	);
	const { buryDelivery } = require("../../../services/webhooks/repeat-delivery") as typeof RepeatModule;
	await expect(buryDelivery(context(), delivery?.id, "Answered 500", 2)).rejects.toThrow("Answered 500");
	receiver.answer = res => res.writeHead(200).end();
	await admin.mustSend("PATCH", `/admin/webhooks/${webhook.id}`, { enabled: true });
	await buryDelivery(context(), delivery?.id, "Answered 500", 1);
	await until("the repetition", async () => (await deliveriesOf(webhook))[0]?.status === "delivered");
	expect(await admin.mustSend("GET", `/admin/webhooks/${webhook.id}`)).toMatchObject({
		enabled: true,
		failingSince: null
	});
	const again = await admin.mustSend("POST", `/admin/webhooks/deliveries/${delivery?.id}/retry`);
	expect(again).toMatchObject({ status: "pending", attempts: 0 });
});

it("refuses what it can't use, and lets administrators only in", async () => {
	const good = { url: "https://example.com/hook", topics: ["order.*"] };
	const fieldOf = async (body: object) => {
		const { status, body: answer } = await admin.send("POST", "/admin/webhooks", body);
		return [status, answer.code, answer.data?.[0]?.field];
	};

	for (const [field, body] of [
		["url", { ...good, url: "http://169.254.169.254/latest/meta-data" }],
		["url", { ...good, url: "http://[::ffff:10.0.0.1]/" }],
		["url", { ...good, url: "ftp://example.com/" }],
		["topics", { ...good, topics: ["nothing.*"] }],
		["topics", { ...good, topics: [] }],
		["secret", { ...good, secret: "whsec_short" }],
		["more", { ...good, more: 1 }]
	] as const)
		expect(await fieldOf(body)).toEqual([400, "VALIDATION_ERROR", expect.stringContaining(field)]);
	const user = await shop.asUser();
	expect(await shop.http("GET", "/admin/webhooks", { token: user })).toMatchObject({ status: 403 });
	expect(await admin.send("POST", "/admin/webhooks/none/test")).toMatchObject({ status: 404 });
});

it("delivers nothing while it is switched off, and what happens afterwards once it is on again", async () => {
	const { receiver, webhook } = await receive(["promotion.*"], { enabled: false });
	await makeFact();
	await admin.mustSend("PATCH", `/admin/webhooks/${webhook.id}`, { enabled: true });

	const promotion = await makeFact();
	await until("the delivery", () => receiver.received.length > 0);
	await pause(300);

	expect(receiver.received.map(({ data }) => data.promotionId)).toEqual([promotion.id]);
});
