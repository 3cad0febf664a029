import { setTimeout as pause } from "node:timers/promises";
import { aSkuInStock } from "../../support/buyers";
import { StaffClient } from "../../support/builders";
import { EventClient, type SeenEvent } from "../../support/event-client";
import { Shopper } from "../../support/shopper";
import { ShopProcess } from "../../support/shop-process";
import { until } from "../../support/until";
import { isVerified, WebhookReceiver } from "../../support/webhook-receiver";

const TOPIC = "order.*";
let shops: ShopProcess[] = [];
let receiver: WebhookReceiver;
beforeAll(async () => {
	receiver = await WebhookReceiver.start();
	const first = await ShopProcess.start({ WEBHOOKS_ALLOW_PRIVATE: "on" });
	shops = [first, await ShopProcess.start({ WEBHOOKS_ALLOW_PRIVATE: "on" }, { dataDir: first.dataDir })];
}, 120_000);
afterAll(async () => {
	for (const shop of shops) await shop.remove();
	await receiver.stop();
});

/** Follows events through the deaths of gateways, as a browser does: it connects again, to any gateway, from its last id. */
function followForEver(token: string, path: string, isOver: () => boolean) {
	const seen: SeenEvent[] = [];
	const follow = async () => {
		for (let turn = 0; !isOver(); turn++) {
			const lastId = seen.at(-1)?.id;
			const { url } = shops[turn % shops.length] as ShopProcess;
			const client = await EventClient.open(url, token, { path, ...(lastId && { lastId }) }).catch(
				() => null
			);
			if (client?.status === 200) {
				await until("the end", () => client.ended || isOver(), 60_000).catch(() => undefined);
				seen.push(...client.seen);
				client.close();
			} else await pause(100);
		}
	};
	return { seen, done: follow() };
}

/** Places and cancels orders at both gateways until it is over, whatever becomes of the requests. */
async function trade(token: string, skuId: string, isOver: () => boolean): Promise<void> {
	const addressId = await new Shopper(shops[0] as ShopProcess, token).address();
	for (let turn = 0; !isOver(); turn++) {
		const shopper = new Shopper(shops[turn % shops.length] as ShopProcess, token, addressId);
		const placed = await shopper.tryOrder(skuId).catch(() => null);
		if (placed?.status === 201)
			await shopper.send("POST", `/orders/${placed.body.data.id}/cancel`, {}).catch(() => null);
		else await pause(50);
	}
}

const countById = (ids: readonly string[]) =>
	[...Map.groupBy(ids, id => id).values()].filter(group => group.length > 1).length;

it("loses and doubles no event while gateways are killed, and loses no delivery", async () => {
	const [first, second] = shops as [ShopProcess, ShopProcess];
	const staff = new StaffClient(first, await first.asAdmin());
	await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
	await staff.mustSend("PUT", "/admin/config/inventory.unpaidUnitsPerUser", { value: 1_000_000 });
	const skuId = await aSkuInStock(staff, 100_000);
	const { token } = await first.register("13711119001");
	const webhook = await staff.mustSend("POST", "/admin/webhooks", { url: receiver.url, topics: [TOPIC] });
	let [tradeIsOver, isOver] = [false, false];
	const own = followForEver(token, "/events", () => isOver);
	const all = followForEver(staff.token, `/admin/events?topic=${TOPIC}`, () => isOver);
	await pause(500); // both follow before the first fact
	const trading = trade(token, skuId, () => tradeIsOver);

	await pause(1000);
	await second.end("SIGKILL");
	await second.start();
	await pause(500);
	await first.end("SIGKILL");
	await first.start();
	await pause(500);
	const stopping = performance.now();
	await second.end("SIGTERM");
	const stopMs = performance.now() - stopping;
	await second.start();
	await pause(500);
	tradeIsOver = true;
	await trading;

	const orders = new Map<string, string>();
	for (let cursor = ""; ;) {
		const query = `?pageSize=100${cursor && `&cursor=${cursor}`}`;
		const page = await new Shopper(first, token).mustSend("GET", `/orders${query}`);
		for (const { id, status } of page.items) orders.set(id, status);
		if (!page.nextCursor) break;
		cursor = page.nextCursor;
	}
	const expected = [...orders].flatMap(([id, status]) => [
		`order.created ${id}`,
		...(status === "cancelled" ? [`order.cancelled ${id}`] : [])
	]);
	const received = () =>
		new Map(receiver.received.map(({ id, type, data }) => [id, `${type} ${data.orderId}`]));
	const missing = (found: Iterable<string>) => {
		const set = new Set(found);
		return expected.filter(name => !set.has(name));
	};
	await until("the deliveries", () => missing(received().values()).length === 0, 60_000).catch(
		() => undefined
	);
	await pause(1500);
	isOver = true;
	await Promise.all([own.done, all.done]);

	const names = (events: readonly SeenEvent[]) =>
		events.map(({ event, data }) => `${event} ${data.orderId}`);
	expect(expected.length).toBeGreaterThan(20);
	for (const { seen } of [own, all]) {
		expect(missing(names(seen))).toEqual([]);
		expect(countById(seen.map(({ id }) => id))).toBe(0);
		expect(countById(names(seen))).toBe(0);
		expect(seen.filter(({ event }) => event === "reset")).toEqual([]);
	}
	expect(missing(received().values())).toEqual([]);
	expect(receiver.received.every(delivery => isVerified(webhook.secret, delivery))).toBe(true);
	expect(stopMs).toBeLessThan(5000);
	process.stdout.write(
		`events ${expected.length}, SSE ${own.seen.length}/${all.seen.length}, webhooks ${receiver.received.length}, stop ${Math.round(stopMs)} ms\n`
	);
}, 180_000);
