import { setTimeout as pause } from "node:timers/promises";
import { aSku, StaffClient, unique } from "../support/builders";
import { BAD, type Link, type State } from "../support/link";
import { startMongo, startNats, startRedis } from "../support/servers";
import type { Reply } from "../support/shop";
import { Shopper } from "../support/shopper";
import { ShopProcess } from "../support/shop-process";
import { until } from "../support/until";
import { addresses, linksTo, type Links, type Servers } from "../../proofs/prove/stand";

const REQUEST_TIMEOUT_MS = 6_000;
/** The gateway's own grace, and the machine's: what no answer comes within counts as a hang. */
const LITTLE_MS = 2_000;
const BACK_WITHIN_MS = 30_000;
/** What a client may be told while something behind the shop is ill. */
const CLEAN = /^(2\d\d OK|503 SERVICE_UNAVAILABLE|504 REQUEST_TIMEOUT|409 IDEMPOTENCY_IN_PROGRESS)$/;

let servers: Servers;
let links: Links;
let shop: ShopProcess;
let skuId: string;
let buyer: Shopper;
let onlooker: Shopper;
beforeAll(async () => {
	servers = { nats: await startNats(), mongo: await startMongo(), redis: await startRedis() };
	links = await linksTo(servers);
	shop = await ShopProcess.start({
		...addresses(links),
		REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS)
	});
	const staff = new StaffClient(shop, await shop.asAdmin());
	await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
	const product = await staff.addProductOnShelf({ skus: [aSku({ price: 500 })] });
	skuId = product.skus[0].id;
	await staff.addStock(skuId, 1_000_000);
	buyer = new Shopper(shop, await shop.asUser());
	onlooker = new Shopper(shop, (await shop.register("17012345678")).token);
}, 120_000);
afterAll(async () => {
	await shop.remove();
	for (const link of Object.values(links)) await link.close();
	for (const server of Object.values(servers)) await server.stop();
});
afterEach(() => {
	for (const link of Object.values(links)) link.turn("good");
});

const told = (asked: Promise<Reply>): Promise<string> =>
	Promise.race([
		asked.then(
			({ status, body }) => `${status} ${body.code}`,
			(err: unknown) => String(err)
		),
		pause(REQUEST_TIMEOUT_MS + LITTLE_MS, "no answer", { ref: false })
	]);

/** What some clients are told who do, at once, all that clients do. */
async function aRound(orderId: string): Promise<string[]> {
	const payment = { orderId, channel: "alipay", scene: "page" };
	const login = { phone: "13900000000", password: "Mall-user-1" };
	const some = Array.from({ length: 4 }, () => [
		buyer.send("GET", "/products"),
		buyer.tryOrder(skuId),
		buyer.send("GET", `/orders/${orderId}`),
		buyer.send("POST", "/payments", payment, unique("payment-")),
		buyer.send("POST", "/cart/items", { skuId, quantity: 1 })
	]);
	return Promise.all([...some.flat(), buyer.send("POST", "/auth/login", login)].map(told));
}

/** Goes on until the shop has met what is wrong: connections that went dead without a word are given up by then. */
async function whileIll(link: Link, orderId: string): Promise<string[]> {
	const { opened } = link;
	const said: string[] = [];
	do said.push(...(await aRound(orderId)));
	while (link.state === "half-open" && link.opened === opened);
	return said.concat(await aRound(orderId));
}

/** Orders need the documents and the bus, carts need Redis. */
const isBack = () =>
	until(
		"orders and carts",
		async () =>
			(await told(onlooker.tryOrder(skuId))) === "201 OK" &&
			(await told(onlooker.send("GET", "/cart"))) === "200 OK",
		BACK_WITHIN_MS
	);

const LINKS = [
	["documents", "mongo"],
	["Redis", "redis"],
	["NATS", "nats"]
] as const;

describe.each(LINKS)("while the link to %s", (_title, name) => {
	it.each(BAD)(
		"is %s, everybody is answered in time; when it is good again, so is the next order",
		async state => {
			const link = links[name];
			const { id } = await buyer.order(skuId);
			link.turn(state);

			const said = await whileIll(link, id);
			link.turn("good");

			expect(said.filter(one => !CLEAN.test(one))).toEqual([]);
			if (state === "slow") expect(said).toContain("201 OK");
			await isBack();
		},
		150_000
	);
});

describe.each(LINKS.filter(([, name]) => name !== "redis"))("over a bad link to %s", (_title, name) => {
	const sessionOf = (token: string): string =>
		JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).sid;
	/** How often the session and the order are asked for, for each time that the client asks for the order. */
	async function askedFor(link: Link, state: State): Promise<{ session: number; order: number }> {
		const calls = 20;
		const { id } = await buyer.order(skuId);
		const [session, order] = [
			link.count(name === "nats" ? buyer.token : sessionOf(buyer.token)),
			link.count(id)
		];
		link.turn(state);
		await Promise.all(Array.from({ length: calls }, () => told(buyer.send("GET", `/orders/${id}`))));
		link.turn("good");
		await isBack();
		return { session: session.times / calls, order: order.times / calls };
	}

	/**
	 * Of a link that hung, all arrives when it is good again: the first try, and the second after half the client's time, which
	 * is there for what went to a process that died. The driver of the documents may have sent each of them again, once.
	 */
	const AT_MOST = { slow: 1.5, flapping: 1.5, "half-open": 4, trickling: 4 };

	it.each(BAD)(
		"that is %s, no storm of repetitions reaches the server",
		async state => {
			const good = await askedFor(links[name], "good");

			const bad = await askedFor(links[name], state);

			expect(good.order).toBeGreaterThan(0);
			expect(bad.order).toBeLessThanOrEqual(AT_MOST[state] * good.order);
			expect(bad.session).toBeLessThanOrEqual(AT_MOST[state] * good.session);
		},
		60_000
	);
});
