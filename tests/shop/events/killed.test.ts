import { setTimeout as pause } from "node:timers/promises";
import { aSkuInStock } from "../../support/buyers";
import { StaffClient } from "../../support/builders";
import {
	countRepeated,
	followForEver,
	listExpectedEvents,
	nameEvents,
	placeAndCancel
} from "../../support/event-trade";
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
});
afterAll(async () => {
	for (const shop of shops) await shop.remove();
	await receiver.stop();
});

it("loses and doubles no event while gateways are killed, and loses no delivery", async () => {
	const [first, second] = shops as [ShopProcess, ShopProcess];
	const staff = new StaffClient(first, await first.asAdmin());
	await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
	await staff.mustSend("PUT", "/admin/config/inventory.unpaidUnitsPerUser", { value: 1_000_000 });
	const skuId = await aSkuInStock(staff, 100_000);
	const { token } = await first.register("13711119001");
	const webhook = await staff.mustSend("POST", "/admin/webhooks", { url: receiver.url, topics: [TOPIC] });
	let [tradeIsOver, isOver] = [false, false];
	const own = followForEver(shops, token, "/events", () => isOver);
	const all = followForEver(shops, staff.token, `/admin/events?topic=${TOPIC}`, () => isOver);
	await pause(500); // both follow before the first fact
	const trading = placeAndCancel(shops, token, skuId, () => tradeIsOver);

	await pause(1000);
	await second.end("SIGKILL");
	await second.start();
	await pause(500);
	await first.end("SIGKILL");
	await first.start();
	await pause(500);
	const exitCode = await second.end("SIGTERM");
	await second.start();
	await pause(500);
	tradeIsOver = true;
	await trading;

	const expected = await listExpectedEvents(new Shopper(first, token));
	const received = () =>
		new Map(receiver.received.map(({ id, type, data }) => [id, `${type} ${data.orderId}`]));
	const missing = (found: Iterable<string>) => {
		const set = new Set(found);
		return expected.filter(name => !set.has(name));
	};
	await until("the deliveries", () => missing(received().values()).length === 0).catch(() => undefined);
	await pause(1500);
	isOver = true;
	await Promise.all([own.done, all.done]);

	expect(expected.length).toBeGreaterThan(20);
	for (const { seen } of [own, all]) {
		expect(missing(nameEvents(seen))).toEqual([]);
		expect(countRepeated(seen.map(({ id }) => id))).toBe(0);
		expect(countRepeated(nameEvents(seen))).toBe(0);
		expect(seen.filter(({ event }) => event === "reset")).toEqual([]);
	}
	expect(missing(received().values())).toEqual([]);
	expect(receiver.received.every(delivery => isVerified(webhook.secret, delivery))).toBe(true);
	expect(exitCode).toBe(0);
});
