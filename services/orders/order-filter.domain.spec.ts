import { buildOrderFilter } from "./order-filter.domain";
import { makeOrderNumber } from "./order-number.domain";

const now = new Date("2026-06-01T00:00:00Z");
const mine = { userId: "u" };

it("hides orders that are being placed or failed, unless a status is requested", () => {
	const seen = ["pending_payment", "paid", "shipped", "completed", "refunding", "cancelled", "refunded"];

	expect(buildOrderFilter({}, mine, now)).toEqual({ userId: "u", status: { $in: seen } });
	expect(buildOrderFilter({ status: "paid" }, mine, now)["status"]).toBe("paid");
});

it("searches a name literally, never as a pattern", () => {
	expect(buildOrderFilter({ q: "(a+)+$" }, mine, now)["nameKeys"]).toEqual({
		$regex: "\\(a\\+\\)\\+\\$"
	});
	expect(buildOrderFilter({ q: "a\0" }, mine, now)["nameKeys"]).toEqual({ $regex: "a" });
	expect(buildOrderFilter({ q: "\u200b" }, mine, now)).toEqual(buildOrderFilter({}, mine, now));
});

it("searches names among everyone's orders for 90 days back, and as far as requested elsewhere", () => {
	const dayOne = "2020-01-01T00:00:00Z";

	expect(buildOrderFilter({ q: "茶" }, {}, now)["createdAt"]).toEqual({
		$gte: new Date("2026-03-03T00:00:00Z")
	});
	expect(buildOrderFilter({ q: "茶" }, mine, now)["createdAt"]).toBeUndefined();
	expect(buildOrderFilter({ q: "茶", from: dayOne }, {}, now)["createdAt"]).toEqual({
		$gte: new Date(dayOne)
	});
});

it("includes the start of a time range and excludes its end", () => {
	const [from, to] = ["2026-05-01T08:00:00Z", "2026-05-01T09:00:00Z"];

	expect(buildOrderFilter({ from, to }, mine, now)["createdAt"]).toEqual({
		$gte: new Date(from),
		$lt: new Date(to)
	});
});

it("finds an order by its whole number exactly, and by the beginning of it at any age", () => {
	const number = makeOrderNumber(new Date("2026-05-01T08:00:00Z"), 5);
	const beginning = buildOrderFilter({ q: "260501" }, {}, now);

	expect(buildOrderFilter({ q: number }, mine, now)["orderNo"]).toBe(number);
	expect(beginning["createdAt"]).toBeUndefined();
	expect(beginning["$or"]).toEqual([
		{ orderNo: { $gte: "260501", $lt: "260501:" } },
		{ createdAt: { $gte: new Date("2026-03-03T00:00:00Z") }, nameKeys: { $regex: "260501" } }
	]);
});

it("searches SKU codes and the ends of order numbers for staff only", () => {
	const byStaff = buildOrderFilter({ q: "1234" }, {}, now, { byStaff: true });

	expect(byStaff["$or"]).toEqual([
		{ nameKeys: { $regex: "1234" } },
		{ codeKeys: { $regex: "1234" } },
		{ orderNo: { $regex: "1234$" } }
	]);
	expect(buildOrderFilter({ q: "tea" }, {}, now, { byStaff: true })["$or"]).toHaveLength(2);
	expect(buildOrderFilter({ q: "1234" }, mine, now)).not.toHaveProperty("$or");
});
