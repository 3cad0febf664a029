import fc from "fast-check";
import { ulid } from "ulid";
import { compileFilter } from "../../infrastructure/documents/language/filter";
import { fold } from "../../schemas/values/text";
import {
	buildNumberFilter,
	buildOrderFilter,
	type OrderFilter
} from "../../services/orders/order-filter.domain";
import { makeOrderNumber } from "../../services/orders/order-number.domain";
import { searchFilter, withNicknameKey } from "../../services/users/user.domain";

/** The text in another spelling that users may type. */
const typed = fc.constantFrom<(text: string) => string>(
	text => text.toUpperCase(),
	text => text.normalize("NFD"),
	text => Array.from(text).join("\u200b "),
	text => text
);

describe("a search for users", () => {
	const isFound = (nickname: string, q: string) =>
		compileFilter(searchFilter(q))({ phone: "13900000000", ...withNicknameKey({ nickname }) });

	it.each([
		["阿强😀", "阿强"],
		["007", "007"],
		["138先生", "138"],
		["ＡＢＣ", "abc"],
		["caf\u00e9", "CAFE\u0301"],
		["Anna Lena", "annal"],
		["\u{10fffd}x", "\u{10fffd}"]
	])("finds the nickname %s by %s", (nickname, q) => {
		expect(isFound(nickname, q)).toBe(true);
	});

	it("finds every nickname by every beginning of it, however it is typed", () => {
		const characters = fc.constantFrom("a", "É", "ß", "阿", "強", "😀", "7", "Ａ", " ", "ｱ");
		fc.assert(
			fc.property(fc.array(characters, { minLength: 1 }), fc.nat(8), typed, (all, length, type) => {
				expect(isFound(all.join(""), type(all.slice(0, length + 1).join("")))).toBe(true);
			})
		);
	});

	it("finds a phone by its beginning", () => {
		expect(["139", "+86 139", "１３９"].map(q => isFound("x", q))).toEqual([true, true, true]);
		expect(isFound("x", "138")).toBe(false);
	});
});

describe("a search for orders", () => {
	const now = new Date("2026-06-01T00:00:00Z");
	const mine = { userId: "u" };
	const placedAt = Date.parse("2026-05-01T08:00:00Z");
	const orderNo = makeOrderNumber(new Date(placedAt), 123_456_789);

	const anOrder = (...names: string[]) => ({
		_id: ulid(placedAt),
		userId: "u",
		status: "paid",
		orderNo,
		nameKeys: names.map(fold),
		codeKeys: [fold("Mug-红-L")]
	});
	const isFound = (filter: OrderFilter, order: object, scope: object, options = {}, at = now) =>
		[buildNumberFilter(filter, scope), buildOrderFilter(filter, scope, at, options)].some(
			where => where && compileFilter(where)(order)
		);
	const isMine = (filter: OrderFilter, order: object, at = now) => isFound(filter, order, mine, {}, at);
	const isStaffs = (filter: OrderFilter, order: object, also = {}, at = now) =>
		isFound(filter, order, also, { byStaff: true }, at);

	it("finds an order by its number or the beginning of it, however old it is and however that is typed", () => {
		const old = anOrder("茶");
		const later = new Date("2036-06-01T00:00:00Z");

		for (const q of [
			orderNo,
			orderNo.slice(0, 6),
			`${orderNo.slice(0, 6)} ${orderNo.slice(6, 12)}`,
			"２６０５０１"
		])
			expect([q, isMine({ q }, old, later), isStaffs({ q }, old, {}, later)]).toEqual([q, true, true]);
		expect(isMine({ q: "260502" }, old)).toBe(false);
		expect(buildNumberFilter({ q: orderNo }, mine)?.["orderNo"]).toBe(orderNo);
	});

	it("finds an order by the end of its number and by a SKU's code for staff alone", () => {
		const order = anOrder("茶");

		for (const q of [orderNo.slice(-4), orderNo.slice(-8), "mug-红", "ＭＵＧ-红-L"])
			expect([q, isMine({ q }, order), isStaffs({ q }, order), isStaffs({ q }, order, mine)]).toEqual([
				q,
				false,
				true,
				true
			]);
		expect(isStaffs({ q: orderNo.slice(-3) }, order)).toBe(false);
	});

	it("finds a number that is part of an item's name", () => {
		const order = anOrder("移动电源 200000 mAh", "其他");

		expect([isMine({ q: "200000" }, order), isStaffs({ q: "200000" }, order)]).toEqual([true, true]);
	});

	it("finds a name by any part of it, however it is typed", () => {
		const characters = fc.constantFrom(..."aÉß茶杯😀7Ａｱ (+.$".split(""), "𠮷");
		fc.assert(
			fc.property(
				fc.array(characters, { minLength: 1 }),
				fc.nat(),
				fc.nat(),
				typed,
				(all, from, size, type) => {
					const start = from % all.length;
					const part = all.slice(start, start + 1 + (size % 5)).join("");

					expect(isMine({ q: type(part) }, anOrder("别的", all.join("")))).toBe(true);
				}
			)
		);
	});

	it("looks back as far for a number that may be part of a name, or the end of a number", () => {
		const idAt = (time: string) => ulid(Date.parse(time));
		const old = { ...anOrder("移动电源 200000"), _id: idAt("2026-03-02T00:00:00Z") };
		const recent = { ...old, _id: idAt("2026-03-03T00:00:00Z") };

		for (const q of ["200000", orderNo.slice(-6)])
			expect([
				isStaffs({ q }, old),
				isStaffs({ q }, recent),
				isStaffs({ q }, old, mine),
				isStaffs({ q, from: "2026-03-01T00:00:00Z" }, old),
				isStaffs({ q, from: "2026-03-01T00:00:00Z", to: "2026-03-01T01:00:00Z" }, old)
			]).toEqual([false, true, true, true, false]);
	});
});
