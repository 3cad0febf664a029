import { buildOrderFilter } from "./order-filter.domain";

const now = new Date("2026-06-01T00:00:00Z");
const mine = { userId: "u" };

it("hides what is being placed or failed, unless a status is asked for", () => {
	const seen = ["pending_payment", "paid", "shipped", "completed", "refunding", "cancelled", "refunded"];

	expect(buildOrderFilter({}, mine, now)).toEqual({ userId: "u", status: { $in: seen } });
	expect(buildOrderFilter({ status: "paid" }, mine, now)["status"]).toBe("paid");
});

it("looks for a name as it stands, never as a pattern", () => {
	expect(buildOrderFilter({ q: "(a+)+$" }, mine, now)["nameKeys"]).toEqual({
		$regex: "\\(a\\+\\)\\+\\$"
	});
	expect(buildOrderFilter({ q: "a\0" }, mine, now)["nameKeys"]).toEqual({ $regex: "a" });
	expect(buildOrderFilter({ q: "\u200b" }, mine, now)).toEqual(buildOrderFilter({}, mine, now));
});

it("looks back 90 days for a name among the orders of all, and as far as asked for elsewhere", () => {
	const dayOne = "2020-01-01T00:00:00Z";

	expect(buildOrderFilter({ q: "茶" }, {}, now)["createdAt"]).toEqual({
		$gte: new Date("2026-03-03T00:00:00Z")
	});
	expect(buildOrderFilter({ q: "茶" }, mine, now)["createdAt"]).toBeUndefined();
	expect(buildOrderFilter({ q: "茶", from: dayOne }, {}, now)["createdAt"]).toEqual({
		$gte: new Date(dayOne)
	});
});

it("takes an order of the range's beginning and none of its end", () => {
	const [from, to] = ["2026-05-01T08:00:00Z", "2026-05-01T09:00:00Z"];

	expect(buildOrderFilter({ from, to }, mine, now)["createdAt"]).toEqual({
		$gte: new Date(from),
		$lt: new Date(to)
	});
});
