import { setTimeout as pause } from "node:timers/promises";
import { aSku, StaffClient, unique } from "../support/builders";
import { BAD, type Link, type State } from "../support/link";
import { startMongo, startNats, startRedis } from "../support/servers";
import type { Reply } from "../support/shop";
import { Shopper } from "../support/shopper";
import { ShopProcess } from "../support/shop-process";
import { until } from "../support/until";
import { buildServerEnv, openLinks, type Links, type Servers } from "../../proofs/prove/target";
import { withSecondTry } from "../support/second-try";

const REQUEST_TIMEOUT_MS = 6_000;
/** Added to the time-out for the gateway and a slow machine: a request without a response by then counts as hanging. */
const GRACE_MS = 2_000;
const BACK_WITHIN_MS = 30_000;
/** Responses that clients may get while a server behind the shop fails. */
const ACCEPTABLE = /^(2\d\d OK|503 SERVICE_UNAVAILABLE|504 REQUEST_TIMEOUT|409 IDEMPOTENCY_IN_PROGRESS)$/;

let servers: Servers;
let links: Links;
let shop: ShopProcess;
/** The services, apart from the gateway, so that every call crosses the link to NATS. */
let worker: ShopProcess;
let skuId: string;
let buyer: Shopper;
let onlooker: Shopper;
beforeAll(async () => {
	servers = { nats: await startNats(), mongo: await startMongo(), redis: await startRedis() };
	links = await openLinks(servers);
	const env = { ...buildServerEnv(links), REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS) };
	worker = await ShopProcess.start(env, { services: ["--except", "api"] });
	shop = await ShopProcess.start(env, { services: ["api"], dataDir: worker.dataDir });
	await until(
		"the gateway to see every service",
		async () => (await shop.http("GET", "//health/ready")).status === 200
	);
	const staff = new StaffClient(shop, await shop.asAdmin());
	await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
	const product = await staff.addProductOnShelf({ skus: [aSku({ price: 500 })] });
	skuId = product.skus[0].id;
	await staff.addStock(skuId, 1_000_000);
	buyer = new Shopper(shop, await shop.asUser());
	onlooker = new Shopper(shop, (await shop.register("17012345678")).token);
});
afterAll(async () => {
	for (const process of [shop, worker]) await process.remove();
	for (const link of Object.values(links)) await link.close();
	for (const server of Object.values(servers)) await server.stop();
});
afterEach(() => {
	for (const link of Object.values(links)) link.turn("good");
});

const describeReply = (asked: Promise<Reply>): Promise<string> =>
	Promise.race([
		asked.then(
			({ status, body }) => `${status} ${body.code}`,
			(err: unknown) => String(err)
		),
		pause(REQUEST_TIMEOUT_MS + GRACE_MS, "no answer", { ref: false })
	]);

/** Sends every kind of request at once, some four times, and describes the responses. */
async function requestEverything(orderId: string): Promise<string[]> {
	const payment = { orderId, channel: "alipay", scene: "page" };
	const login = { phone: "13900000000", password: "Mall-user-1" };
	const some = Array.from({ length: 4 }, () => [
		buyer.send("GET", "/products"),
		buyer.tryOrder(skuId),
		buyer.send("GET", `/orders/${orderId}`),
		buyer.send("POST", "/payments", payment, unique("payment-")),
		buyer.send("POST", "/cart/items", { skuId, quantity: 1 })
	]);
	return Promise.all([...some.flat(), buyer.send("POST", "/auth/login", login)].map(describeReply));
}

/** Sends requests until the shop has noticed the fault: by then it has given up silent connections and opened new ones. */
async function requestUntilNoticed(link: Link, orderId: string): Promise<string[]> {
	const { opened } = link;
	const replies: string[] = [];
	do replies.push(...(await requestEverything(orderId)));
	while (link.state === "half-open" && link.opened === opened);
	return replies.concat(await requestEverything(orderId));
}

/** Resolves when an order (documents and bus) and a cart (Redis) succeed. */
const waitUntilBack = () =>
	until(
		"orders and carts",
		async () =>
			(await describeReply(onlooker.tryOrder(skuId))) === "201 OK" &&
			(await describeReply(onlooker.send("GET", "/cart"))) === "200 OK",
		BACK_WITHIN_MS
	);

const LINKS = [
	["documents", "mongo"],
	["Redis", "redis"],
	["NATS", "nats"]
] as const;

withSecondTry("a link that trickles makes a request time out twice", () => {
	describe.each(LINKS)("while the link to %s", (_title, name) => {
		it.each(BAD)(
			"is %s, every request gets a response in time, and orders succeed when the link has recovered",
			async state => {
				const link = links[name];
				const { id } = await buyer.order(skuId);
				link.turn(state);

				const replies = await requestUntilNoticed(link, id);
				link.turn("good");

				expect(replies.filter(one => !ACCEPTABLE.test(one))).toEqual([]);
				if (state === "slow") expect(replies).toContain("201 OK");
				await waitUntilBack();
			}
		);
	});
});

withSecondTry("a link that trickles makes a request time out twice", () => {
	describe.each(LINKS.filter(([, name]) => name !== "redis"))("over a bad link to %s", (_title, name) => {
		const sessionOf = (token: string): string =>
			JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).sid;
		/** How often the session and the order are read over the link for each request of the client. */
		async function countRequests(link: Link, state: State): Promise<{ session: number; order: number }> {
			const calls = 20;
			const { id } = await buyer.order(skuId);
			const [session, order] = [
				link.count(name === "nats" ? buyer.token : sessionOf(buyer.token)),
				link.count(id)
			];
			link.turn(state);
			await Promise.all(
				Array.from({ length: calls }, () => describeReply(buyer.send("GET", `/orders/${id}`)))
			);
			link.turn("good");
			await waitUntilBack();
			return { session: session.times / calls, order: order.times / calls };
		}

		/**
		 * The most reads, as a multiple of those over a good link. A link that hung delivers everything when it recovers: the first
		 * attempt and the one after half the client's time, each of which MongoDB's driver may have sent twice.
		 */
		const MAX_RATIO = { slow: 1.5, flapping: 1.5, "half-open": 4, trickling: 4 };

		it.each(BAD)("that is %s, the server gets no storm of retries", async state => {
			const good = await countRequests(links[name], "good");

			const bad = await countRequests(links[name], state);

			expect(good.order).toBeGreaterThan(0);
			expect(bad.order).toBeLessThanOrEqual(MAX_RATIO[state] * good.order);
			expect(bad.session).toBeLessThanOrEqual(MAX_RATIO[state] * good.session);
		});
	});
});
