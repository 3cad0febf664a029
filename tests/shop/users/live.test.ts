import { startShop, type Shop } from "../../support/shop";
import { login, newPhone, outcomeOf } from "../../support/people";

let shop: Shop;
beforeAll(async () => {
	shop = await startShop({ SANDBOX: "off", DEMO: "off" }, ["api", "config", "auth", "users"]);
});
afterAll(() => shop.stop());

it("says clearly that no SMS provider is configured", async () => {
	const reply = await shop.http("POST", "/auth/sms-codes", {
		body: { phone: newPhone(), purpose: "login" }
	});

	expect(outcomeOf(reply)).toBe("501 NOT_CONFIGURED");
});

it("has no accounts with public passwords", async () => {
	const replies = [
		await login(shop, "13800000000", "Mall-admin-1"),
		await login(shop, "13900000000", "Mall-user-1")
	];

	expect(replies.map(outcomeOf)).toEqual(["401 BAD_CREDENTIALS", "401 BAD_CREDENTIALS"]);
});
