import { aSku, StaffClient } from "../../support/builders";
import { describeWithFalseClock, FalseClock } from "../../support/false-clock";
import type { Reply } from "../../support/shop";
import { Shopper } from "../../support/shopper";
import { ShopProcess } from "../../support/shop-process";
import { until } from "../../support/until";
import { Trade } from "../../support/trade-through-faults";

const HOUR = 3600;
const USER = { phone: "13900000000", password: "Mall-user-1" };
const said = ({ status, body }: Reply) => `${status} ${body.code}`;

describeWithFalseClock("a shop whose clock is an hour off", () => {
	let clock: FalseClock;
	let shop: ShopProcess;
	beforeAll(async () => {
		clock = new FalseClock();
		shop = await ShopProcess.start({ ...clock.env, LIMITS_PER_IP: "on", TRUSTED_PROXIES: "1" });
	});
	afterEach(async () => {
		clock.set(0);
		await new Shopper(shop, await shop.asUser()).mustSend("GET", "/orders"); // with this request the shop notices the jump
	});
	afterAll(async () => {
		await shop.remove();
		clock.remove();
	});

	const post = (path: string, body: object, ip = "192.0.2.1") =>
		shop.http("POST", path, { body, headers: { "X-Forwarded-For": ip } });
	const signIn = async () => (await post("/auth/login", USER)).body.data;
	const me = (token: string) => shop.http("GET", "/me", { token });
	const admin = async () => new StaffClient(shop, await shop.asAdmin());
	const jumpsTo = async (seconds: number) => {
		const seen = shop.output.length;
		clock.set(seconds);
		await until("the sweep to notice", () => shop.output.slice(seen).includes("The clock jumped ahead"));
	};

	it("cancels no order early, and loses nothing of the trade", async () => {
		const trade = await Trade.open(shop);
		const product = await (await admin()).addProductOnShelf({ skus: [aSku({ price: 100 })] });
		await (await admin()).addStock(product.skus[0].id, 10);
		const before = await new Shopper(shop, await shop.asUser()).order(product.skus[0].id);

		await jumpsTo(HOUR);
		const ahead = new Shopper(shop, await shop.asUser());
		const seen = await ahead.mustSend("GET", `/orders/${before.id}`);
		const placed = await ahead.order(product.skus[0].id);
		clock.set(0);
		const back = new Shopper(shop, await shop.asUser());
		for (const { id } of [before, placed])
			await back.payAtChannel((await back.createPayment(id)).paymentNo);

		expect(seen.status).toBe("pending_payment");
		for (const { id } of [before, placed])
			await until(
				"it to be paid",
				async () => (await back.mustSend("GET", `/orders/${id}`)).status === "paid"
			);
		await trade.during(() => trade.goesOn(10));
		await trade.isKept();
		await shop.start();
	});

	it("goes on sweeping when the clock is right again", async () => {
		await (await admin()).mustSend("PUT", "/admin/config/orders.sweepEvery", { value: 3 });
		await jumpsTo(HOUR);
		clock.set(0);
		const staff = await admin();
		await staff.mustSend("PUT", "/admin/config/orders.paymentTimeout", { value: 2 });
		const product = await staff.addProductOnShelf({ skus: [aSku({ price: 100 })] });
		const skuId: string = product.skus[0].id;
		await staff.addStock(skuId, 1);

		await new Shopper(shop, await shop.asUser()).order(skuId);

		// No request reads the order, since that would cancel it as well.
		await until(
			"its unit to be free again",
			async () => (await staff.mustSend("GET", `/admin/inventory/${skuId}`)).available === 1
		);
		await staff.mustSend("PUT", "/admin/config/orders.paymentTimeout", { value: 1800 });
	});

	it("extends no token, and revives no session", async () => {
		const [kept, left] = [await signIn(), await signIn()];

		await jumpsTo(HOUR);
		const old = await me(kept.accessToken);
		const { body } = await post("/auth/refresh", { refreshToken: left.refreshToken });
		const loggedOut = await post("/auth/logout", { refreshToken: body.data.refreshToken });
		const fresh = await signIn();
		clock.set(0);
		const replies = [fresh.accessToken, left.accessToken, body.data.accessToken].map(me);
		const refreshed = await post("/auth/refresh", { refreshToken: fresh.refreshToken });

		expect([said(old), loggedOut.status]).toEqual(["401 TOKEN_EXPIRED", 200]);
		expect((await Promise.all(replies)).map(said)).toEqual(Array(3).fill("401 UNAUTHORIZED"));
		expect([refreshed.status, (await me(refreshed.body.data.accessToken)).status]).toEqual([200, 200]);
		expect((await me(kept.accessToken)).status).toBe(200);
	});

	it("locks nobody out for an hour when the clock is right again", async () => {
		const stranger = { phone: "13611112222", purpose: "register" };
		const { token } = await admin();
		await shop.http("PUT", "/admin/config/limits.authPerMinute", { token, body: { value: 20 } });

		await jumpsTo(HOUR);
		const sent = await post("/auth/sms-codes", stranger);
		const wrong = [];
		for (let n = 0; n < 6; n++)
			wrong.push(await post("/auth/login", { ...USER, password: "Wrong-word-1" }, "192.0.2.2"));
		const limited = await until("the limit", async () => {
			const reply = await post("/auth/login", {}, "192.0.2.3");
			return reply.status === 429 ? reply : null;
		});
		clock.set(0);
		const again = await post("/auth/sms-codes", stranger);
		const right = await post("/auth/login", USER, "192.0.2.4");
		const still = await post("/auth/login", {}, "192.0.2.3");

		expect([sent.status, wrong.map(said).at(-1), limited.status]).toEqual([
			200,
			"429 TOO_MANY_REQUESTS",
			429
		]);
		expect([again.status, right.status]).toEqual([200, 200]);
		expect(still.status).toBe(429);
		expect(Number(still.headers.get("retry-after"))).toBeLessThanOrEqual(60);
		await shop.http("PUT", "/admin/config/limits.authPerMinute", { token, body: { value: 300 } });
	});

	it("takes orders and money while it is behind, and keeps them when it is right again", async () => {
		const staff = await admin();
		const product = await staff.addProductOnShelf({ skus: [aSku({ price: 100 })] });
		const skuId: string = product.skus[0].id;
		await staff.addStock(skuId, 10);

		clock.set(-HOUR);
		const behind = new Shopper(shop, await shop.asUser());
		const [paid, unpaid] = [await behind.order(skuId), await behind.order(skuId)];
		await behind.payAtChannel((await behind.createPayment(paid.id)).paymentNo);
		await until(
			"it to be paid",
			async () => (await behind.mustSend("GET", `/orders/${paid.id}`)).status === "paid"
		);
		await jumpsTo(0);

		const shopper = new Shopper(shop, await shop.asUser());
		expect((await shopper.mustSend("GET", `/orders/${paid.id}`)).status).toBe("paid");
		// By the wrong clock the deadline has passed, but the buyer was promised half an hour.
		expect((await shopper.mustSend("GET", `/orders/${unpaid.id}`)).status).toBe("pending_payment");
	});
});
