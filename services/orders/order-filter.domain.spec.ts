import { encodeTime, ulid } from "ulid";
import { buildNumberFilter, buildOrderFilter } from "./order-filter.domain";
import { makeOrderNumber } from "./order-number.domain";

const now = new Date("2026-06-01T00:00:00Z");
const mine = { userId: "u" };
const idAt = (time: string) => encodeTime(Date.parse(time), 10);

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

	expect(buildOrderFilter({ q: "茶" }, {}, now)["_id"]).toEqual({ $gte: idAt("2026-03-03T00:00:00Z") });
	expect(buildOrderFilter({ q: "茶" }, mine, now)["_id"]).toBeUndefined();
	expect(buildOrderFilter({ q: "茶", from: dayOne }, {}, now)["_id"]).toEqual({ $gte: idAt(dayOne) });
});

it("includes the start of a time range and excludes its end", () => {
	const [from, to] = ["2026-05-01T08:00:00Z", "2026-05-01T09:00:00Z"];
	const { $gte, $lt } = buildOrderFilter({ from, to }, mine, now)["_id"] as { $gte: string; $lt: string };
	const isListed = (time: number) => ulid(time) >= $gte && ulid(time) < $lt;

	expect(isListed(Date.parse(from) - 1)).toBe(false);
	expect(isListed(Date.parse(from))).toBe(true);
	expect(isListed(Date.parse(to) - 1)).toBe(true);
	expect(isListed(Date.parse(to))).toBe(false);
});

it("finds an order by its whole number exactly, and by the beginning of it as a time range of any age", () => {
	const number = makeOrderNumber(new Date("2026-05-01T08:00:00Z"), 5);
	const ofDay = { _id: { $gte: idAt("2026-05-01T00:00:00Z"), $lt: idAt("2026-05-02T00:00:00Z") } };
	const beyondTheSecond = number.slice(0, 15);

	expect(buildNumberFilter({ q: number }, mine)?.["orderNo"]).toBe(number);
	expect(buildNumberFilter({ q: "260501" }, {})?.$and?.[1]).toEqual(ofDay);
	expect(buildNumberFilter({ q: beyondTheSecond }, {})?.$and?.[1]).toEqual({
		_id: { $gte: idAt("2026-05-01T08:00:00Z"), $lt: idAt("2026-05-01T08:00:01Z") },
		orderNo: { $gte: beyondTheSecond, $lt: `${beyondTheSecond}:` }
	});
	expect(buildNumberFilter({ q: "200000" }, {})).toBeNull();
	expect(buildNumberFilter({ q: "茶" }, {})).toBeNull();
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
