import { setTimeout as pause } from "node:timers/promises";
import { StaffClient } from "../support/builders";
import { aSkuInStock } from "../support/buyers";
import {
	countRepeated,
	followForEver,
	listExpectedEvents,
	nameEvents,
	placeAndCancel
} from "../support/event-trade";
import { startNats, type Server } from "../support/servers";
import { Shopper } from "../support/shopper";
import { ShopProcess } from "../support/shop-process";
import { until } from "../support/until";
import { WebhookReceiver } from "../support/webhook-receiver";

let nats: Server;
let shop: ShopProcess;
let receiver: WebhookReceiver;
beforeAll(async () => {
	nats = await startNats();
	receiver = await WebhookReceiver.start();
	shop = await ShopProcess.start({ NATS_URL: nats.url, WEBHOOKS_ALLOW_PRIVATE: "on" });
});
afterAll(async () => {
	await shop.remove();
	await receiver.stop();
	await nats.stop();
});

it.each([
	["killed", false],
	["killed and loses its store", true]
])("loses and doubles no event while NATS is %s", async (_, wiped) => {
	const staff = new StaffClient(shop, await shop.asAdmin());
	await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
	const skuId = await aSkuInStock(staff, 100_000);
	const { token } = await shop.register(wiped ? "13711119012" : "13711119011");
	await staff.mustSend("POST", "/admin/webhooks", { url: receiver.url, topics: ["order.*"] });
	let [tradeIsOver, isOver] = [false, false];
	const { seen, done } = followForEver([shop], token, "/events", () => isOver);
	await pause(500);
	const trading = placeAndCancel([shop], token, skuId, () => tradeIsOver);

	await pause(1500);
	await nats.kill("SIGKILL");
	await pause(500);
	await nats.start({ wiped });
	await pause(3000);
	tradeIsOver = true;
	await trading;

	const expected = await listExpectedEvents(new Shopper(shop, token));
	const missing = () => {
		const delivered = new Set(receiver.received.map(({ type, data }) => `${type} ${data.orderId}`));
		return expected.filter(name => !delivered.has(name));
	};
	await until("the deliveries", () => missing().length === 0).catch(() => undefined);
	await pause(2000);
	isOver = true;
	await done;
	const shown = nameEvents(seen).filter(name => name !== "reset undefined");
	expect(expected.length).toBeGreaterThan(20);
	expect(expected.filter(name => !shown.includes(name))).toEqual([]);
	expect(countRepeated(shown)).toBe(0);
	expect(missing()).toEqual([]);
});
