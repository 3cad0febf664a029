import type Redis from "ioredis";
import { createRedisConnection } from "../../infrastructure/redis";
import { Visitor } from "../support/visitor";
import { aSku, StaffClient, unique } from "../support/builders";
import { startRedis, type Server } from "../support/servers";
import { startShop, type Options, type Reply, type Shop } from "../support/shop";
import { Shopper } from "../support/shopper";
import { until } from "../support/until";

const PASSWORD = "Tea-and-rice-9";

let redis: Server;
let shop: Shop;
let admin: string;
let staff: StaffClient;
let productId: string;
let skuId: string;
beforeAll(async () => {
	redis = await startRedis();
	shop = await startShop({ REDIS_URL: redis.url, LIMITS_PER_IP: "on", TRUSTED_PROXIES: "1" });
	admin = await shop.asAdmin();
	staff = new StaffClient(shop, admin);
	await staff.mustSend("PUT", "/admin/config/orders.maxUnpaid", { value: 1000 });
	const product = await staff.addProductOnShelf({ skus: [aSku({ price: 500 })] });
	productId = product.id;
	skuId = product.skus[0].id;
	await staff.addStock(skuId, 10_000);
});
afterAll(async () => {
	await shop.stop();
	await redis.stop();
});

type Customer = {
	readonly id: string;
	readonly phone: string;
	readonly token: string;
	readonly visitor: Visitor;
	readonly buyer: Shopper;
};

async function aCustomer(): Promise<Customer> {
	const phone = Visitor.phone();
	const { token, user } = await shop.register(phone, PASSWORD);
	const buyer = new Shopper(shop, token);
	await buyer.address();
	return { id: user.id, phone, token, visitor: new Visitor(shop, token), buyer };
}
const logIn = (phone: string, password = PASSWORD, headers = {}): Promise<Reply> =>
	shop.http("POST", "/auth/login", { body: { phone, password }, headers });
const askCode = (phone: string): Promise<Reply> =>
	shop.http("POST", "/auth/sms-codes", { body: { phone, purpose: "login" } });
const codeOf = async (phone: string): Promise<string> =>
	(await shop.http("GET", `/sandbox/sms?phone=${phone}`)).body.data[0].code;
const logInBySms = (phone: string, smsCode: string): Promise<Reply> =>
	shop.http("POST", "/auth/login-by-sms", { body: { phone, smsCode } });
const linesOf = async (visitor: Visitor): Promise<string[]> =>
	(await visitor.cart()).items.map(({ skuId: id }: { skuId: string }) => id);
const outcome = ({ status, body }: Reply) => `${status} ${body.code}`;
/** The outcome and duration of a request. */
async function timed(method: string, path: string, options?: Options) {
	const at = performance.now();
	const reply = await shop.http(method, path, options);
	return { seen: outcome(reply), ms: performance.now() - at };
}
const available = async (id: string): Promise<number> =>
	(await staff.mustSend("GET", `/admin/inventory/${id}`)).available;
/** How many of ten sign-ins from a new address pass the limit of three. */
async function passed(): Promise<number> {
	const from = { "X-Forwarded-For": `10.${Date.now() % 250}.${Math.floor(Math.random() * 250)}.1` };
	const seen = [];
	for (let i = 0; i < 10; i++) seen.push((await logIn("not a phone", PASSWORD, from)).status);
	return seen.filter(status => status !== 429).length;
}
async function limitSignIns(value: number): Promise<void> {
	await staff.mustSend("PUT", "/admin/config/limits.authPerMinute", { value });
}

async function untilBack({ phone, visitor }: Customer): Promise<void> {
	await until("carts are there", async () => (await visitor.send("GET", "/cart")).status === 200);
	await until("signing in works", async () => (await logIn(phone)).status === 200);
}

describe.each([
	["hangs", (): Promise<unknown> => redis.kill("SIGSTOP"), (): Promise<unknown> => redis.kill("SIGCONT")],
	["is gone", (): Promise<unknown> => redis.kill("SIGKILL"), (): Promise<unknown> => redis.start()]
] as const)("while Redis %s", (what, harm, mend) => {
	let customer: Customer;
	let banned: Customer;
	let guest: Visitor;
	beforeAll(async () => {
		[customer, banned] = [await aCustomer(), await aCustomer()];
		guest = new Visitor(shop);
		await customer.visitor.add(skuId, 2);
		await guest.add(skuId, 3);
		await harm();
	});

	it("serves the catalogue without a delay", async () => {
		const paths = ["/categories", "/products", `/products/${productId}`, "/brands"];

		const replies = [];
		for (const path of [...paths, ...paths, ...paths]) replies.push(await timed("GET", path));

		const longestMs = Math.round(Math.max(...replies.map(({ ms }) => ms)));
		process.stderr.write(`catalogue while Redis ${what}: longest ${longestMs} ms\n`);
		expect(new Set(replies.map(({ seen }) => seen))).toEqual(new Set(["200 OK"]));
		const median = replies.map(({ ms }) => ms).toSorted((a, b) => a - b)[replies.length / 2];
		expect(median).toBeLessThan(3000);
	});

	it("shows changes of the catalogue", async () => {
		const [before, name] = [await staff.mustSend("GET", `/admin/products/${productId}`), unique("茶 ")];
		await shop.http("GET", `/products/${productId}`);

		await staff.mustSend("PATCH", `/admin/products/${productId}`, { name, version: before.version });

		expect((await shop.http("GET", `/products/${productId}`)).body.data.name).toBe(name);
	});

	it("refuses carts as unavailable, of users and of guests", async () => {
		const replies = [
			await customer.visitor.send("GET", "/cart"),
			await customer.visitor.add(skuId, 1),
			await guest.send("GET", "/cart"),
			await guest.add(skuId, 1),
			await new Visitor(shop).add(skuId, 1)
		];

		expect(new Set(replies.map(outcome))).toEqual(new Set(["503 SERVICE_UNAVAILABLE"]));
	});

	it("refuses every sign-in, whether the password is right or wrong, and sends no codes", async () => {
		const replies = [
			await logIn(customer.phone),
			await logIn(customer.phone, "Wrong-pass-1"),
			await askCode(customer.phone),
			await logInBySms(customer.phone, "123456")
		];

		expect(replies.map(outcome)).toEqual(Array(4).fill("503 SERVICE_UNAVAILABLE"));
	});

	it("accepts existing sessions, and ends them at once", async () => {
		const { id, token } = banned;
		const before = await shop.http("GET", "/me", { token });

		await staff.mustSend("PUT", `/admin/users/${id}/status`, { status: "disabled" });
		const after = await shop.http("GET", "/me", { token });

		expect([before, after].map(outcome)).toEqual(["200 OK", "403 ACCOUNT_DISABLED"]);
	});

	it("takes orders of named items, each once, and none of a cart", async () => {
		const { buyer } = customer;
		const [before, key] = [await available(skuId), unique("order-")];

		const first = await buyer.tryOrder(skuId, 2, key);
		const again = await buyer.tryOrder(skuId, 2, key);
		const addressId = await buyer.address();
		const ofCart = await buyer.send("POST", "/orders", { addressId }, unique("order-"));

		expect(outcome(first)).toBe("201 OK");
		expect(again.body.data.id).toBe(first.body.data.id);
		expect(before - (await available(skuId))).toBe(2);
		expect(outcome(ofCart)).toBe("503 SERVICE_UNAVAILABLE");
	});

	it("still counts the requests of an address", async () => {
		await limitSignIns(3);

		await until("the limit is known", async () => (await passed()) === 3);

		await limitSignIns(300);
		await until("the limit is gone", async () => (await passed()) === 10);
	});

	it("works as before once Redis is back", async () => {
		await mend();
		await untilBack(customer);

		expect([await linesOf(customer.visitor), await linesOf(guest)]).toEqual([[skuId], [skuId]]);
	});
});

describe("when Redis has forgotten everything", () => {
	const flush = () => connection.flushall();
	let connection: Redis;
	beforeAll(async () => {
		connection = createRedisConnection({ url: redis.url, onError: () => undefined });
		await connection.connect();
	});
	afterAll(() => connection.disconnect());

	it("finds carts empty, and gives a guest a new one", async () => {
		const { visitor } = await aCustomer();
		const guest = new Visitor(shop);
		await visitor.add(skuId, 1);
		await guest.add(skuId, 1);
		const former = guest.cartId;

		await flush();
		const [ofUser, ofGuest] = [await linesOf(visitor), await linesOf(guest)];
		await visitor.add(skuId, 1);
		await guest.add(skuId, 1);

		expect([ofUser, ofGuest]).toEqual([[], []]);
		expect([await linesOf(visitor), await linesOf(guest)]).toEqual([[skuId], [skuId]]);
		expect(guest.cartId).not.toBe(former);
	});

	it("accepts no earlier code, and sends new ones at once", async () => {
		const { phone } = await aCustomer();
		await askCode(phone);
		const former = await codeOf(phone);

		await flush();
		const late = await logInBySms(phone, former);
		const asked = await askCode(phone);
		const fresh = await logInBySms(phone, await codeOf(phone));

		expect([late, asked, fresh].map(outcome)).toEqual(["401 SMS_CODE_INVALID", "200 OK", "200 OK"]);
	});

	it("lets locked-out phones try again, and locks them out again", async () => {
		const { phone } = await aCustomer();
		const wrong = async () => {
			for (let i = 0; i < 5; i++) await logIn(phone, "Wrong-pass-1");
		};
		await wrong();
		const locked = await logIn(phone);

		await flush();
		const free = await logIn(phone);
		await wrong();

		expect([locked, free, await logIn(phone)].map(outcome)).toEqual([
			"429 TOO_MANY_REQUESTS",
			"200 OK",
			"429 TOO_MANY_REQUESTS"
		]);
	});

	it("keeps sessions alive, and ended ones ended", async () => {
		const { phone, token } = await aCustomer();
		const { refreshToken, accessToken } = (await logIn(phone)).body.data;
		await shop.http("POST", "/auth/logout", { body: { refreshToken } });

		await flush();

		expect((await shop.http("GET", "/me", { token })).status).toBe(200);
		expect((await shop.http("GET", "/me", { token: accessToken })).status).toBe(401);
		expect((await shop.http("POST", "/auth/refresh", { body: { refreshToken } })).status).toBe(401);
	});

	it("counts limits from 0", async () => {
		await limitSignIns(3);
		await until("the limit is known", async () => (await passed()) === 3);
		const from = { "X-Forwarded-For": "10.251.0.1" };
		const knock = async () => (await logIn("not a phone", PASSWORD, from)).status;

		const before = [await knock(), await knock(), await knock(), await knock()];
		await flush();
		const after = await knock();

		expect([before, after]).toEqual([[400, 400, 400, 429], 400]);
		await limitSignIns(300);
		await until("the limit is gone", async () => (await passed()) === 10);
	});

	it("answers a repeated order with the same order", async () => {
		const { buyer } = await aCustomer();
		const key = unique("order-");
		const first = await buyer.tryOrder(skuId, 1, key);

		await flush();
		const again = await buyer.tryOrder(skuId, 1, key);

		expect(again.body.data.id).toBe(first.body.data.id);
	});
});

it("sells no unit twice while Redis dies among the orders", async () => {
	const scarce: string = (await staff.addProductOnShelf({ skus: [aSku({ price: 500 })] })).skus[0].id;
	await staff.addStock(scarce, 20);
	const customer = await aCustomer();
	const { buyer, visitor } = customer;
	const tries: Promise<Reply>[] = [];
	const addressId = await buyer.address();
	await visitor.add(scarce, 1);

	for (let i = 0; i < 60; i++) {
		if (i === 20) await redis.kill("SIGKILL");
		tries.push(
			i % 30 ? buyer.tryOrder(scarce) : buyer.send("POST", "/orders", { addressId }, unique("order-"))
		);
		if (i % 5 === 0) await tries.at(-1);
	}
	const replies = await Promise.all(tries);
	await redis.start();
	await untilBack(customer);

	const sold = replies.filter(({ status }) => status === 201);
	expect(new Set(sold.map(({ body }) => body.data.id)).size).toBe(20);
	expect(await available(scarce)).toBe(0);
	expect(new Set(replies.map(outcome))).toEqual(
		new Set(["201 OK", "409 OUT_OF_STOCK", "503 SERVICE_UNAVAILABLE"])
	);
});
