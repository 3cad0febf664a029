import fc from "fast-check";
import { MAX_UNITS } from "../../schemas/values/demand";
import type { Goods } from "../../schemas/values/goods";
import { EMPTY, MAX_LINES, type Cart, type CartLine } from "./cart.domain";
import { mergeGuestCart, type MergeRule } from "./merge.domain";

const goods = (skuId: string, available = 50, onShelf = true): Goods => ({
	skuId,
	productId: `p-${skuId}`,
	code: "C-1",
	name: `Tea ${skuId}`,
	image: null,
	attributes: {},
	price: 100,
	currency: "CNY",
	onShelf,
	limitPerUser: null,
	categoryIds: [],
	brandId: null,
	weight: 0,
	shippingRuleId: null,
	available
});
const bySku = (...all: Goods[]) => new Map(all.map(one => [one.skuId, one]));
const aLine = (skuId: string, quantity = 1, more: Partial<CartLine> = {}): CartLine => ({
	skuId,
	productId: `p-${skuId}`,
	name: `Tea ${skuId}`,
	quantity,
	selected: true,
	addedPrice: 100,
	...more
});
const aCart = (...lines: CartLine[]): Cart => ({ ...EMPTY, lines });
const aGuest = (...lines: CartLine[]) => ({ id: "g1", lines });

it.each<[MergeRule, number, string]>([
	["max", 3, "MAX"],
	["sum", 5, "SUM"],
	["replace", 2, "REPLACED"]
])("by %s makes 3 and 2 of the same into %i", (rule, to, reason) => {
	const result = mergeGuestCart(aCart(aLine("a", 3)), aGuest(aLine("a", 2)), rule, bySku(goods("a")));

	expect(result.merged).toEqual([{ skuId: "a", from: 3, to, reason }]);
	expect(result.cart.lines).toEqual([aLine("a", to)]);
});

it("adds lines that the user does not have, as the guest had them", () => {
	const guests = aLine("b", 4, { selected: false, addedPrice: 90 });

	const result = mergeGuestCart(aCart(aLine("a")), aGuest(guests), "max", bySku(goods("b")));

	expect(result.merged).toEqual([{ skuId: "b", from: 0, to: 4, reason: "ADDED" }]);
	expect(result.cart.lines).toEqual([aLine("a"), guests]);
});

it("caps at the stock and says so", () => {
	const result = mergeGuestCart(aCart(aLine("a", 3)), aGuest(aLine("a", 9)), "sum", bySku(goods("a", 10)));

	expect(result.merged).toEqual([{ skuId: "a", from: 3, to: 10, reason: "CAPPED" }]);
});

it("caps at the purchase limit", () => {
	const limited = { ...goods("a", 50), limitPerUser: 5 };

	const result = mergeGuestCart(aCart(aLine("a", 3)), aGuest(aLine("a", 9)), "sum", bySku(limited));

	expect(result.merged).toEqual([{ skuId: "a", from: 3, to: 5, reason: "CAPPED" }]);
});

it("leaves out lines that can't be bought, and keeps the user's own line as it was", () => {
	const mine = aCart(aLine("none", 3), aLine("off", 2));
	const guest = aGuest(aLine("none", 9), aLine("off", 9), aLine("gone", 9));

	const result = mergeGuestCart(mine, guest, "max", bySku(goods("none", 0), goods("off", 50, false)));

	expect(result.cart.lines).toEqual(mine.lines);
	expect(result.merged).toEqual([
		{ skuId: "none", from: 3, to: 3, reason: "OUT_OF_STOCK" },
		{ skuId: "off", from: 2, to: 2, reason: "NOT_ON_SHELF" },
		{ skuId: "gone", from: 0, to: 0, reason: "NOT_ON_SHELF" }
	]);
});

it("has no room for a 101st line", () => {
	const full = aCart(...Array.from({ length: MAX_LINES }, (_, i) => aLine(`s${i}`)));

	const result = mergeGuestCart(full, aGuest(aLine("new")), "max", bySku(goods("new")));

	expect(result.merged).toEqual([{ skuId: "new", from: 0, to: 0, reason: "CART_FULL" }]);
	expect(result.cart.lines).toHaveLength(MAX_LINES);
});

describe("any two carts", () => {
	const skus = Array.from({ length: 12 }, (_, i) => `s${i}`);
	const lines = fc.uniqueArray(
		fc
			.record({ skuId: fc.constantFrom(...skus), quantity: fc.integer({ min: 1, max: 9999 }) })
			.map(({ skuId, quantity }) => aLine(skuId, quantity)),
		{ selector: line => line.skuId }
	);
	const manyGoods = fc
		.tuple(...skus.map(skuId => fc.tuple(fc.constant(skuId), fc.nat({ max: 20_000 }), fc.boolean())))
		.map(all => bySku(...all.map(([skuId, available, on]) => goods(skuId, available, on))));
	const anyRule = fc.constantFrom<MergeRule[]>("max", "sum", "replace");
	const meeting = fc.record({ mine: lines, guests: lines, goodsBySku: manyGoods, rule: anyRule });

	it("merge once: the same guest cart again changes nothing, by any rule", () => {
		fc.assert(
			fc.property(meeting, anyRule, ({ mine, guests, goodsBySku, rule }, later) => {
				const { cart } = mergeGuestCart(aCart(...mine), aGuest(...guests), rule, goodsBySku);

				expect(mergeGuestCart(cart, aGuest(...guests), later, goodsBySku)).toEqual({
					cart,
					merged: []
				});
			})
		);
	});

	it("merge to the same by max and replace, even when the marker of the merge is lost", () => {
		fc.assert(
			fc.property(meeting, fc.constantFrom<MergeRule[]>("max", "replace"), (given, rule) => {
				const { mine, guests, goodsBySku } = given;
				const { cart } = mergeGuestCart(aCart(...mine), aGuest(...guests), rule, goodsBySku);

				const again = mergeGuestCart(aCart(...cart.lines), aGuest(...guests), rule, goodsBySku);

				expect(again.cart.lines).toEqual(cart.lines);
			})
		);
	});

	it("never take a line over the stock or 9,999, nor lose one of the user's", () => {
		fc.assert(
			fc.property(meeting, ({ mine, guests, goodsBySku, rule }) => {
				const { cart, merged } = mergeGuestCart(aCart(...mine), aGuest(...guests), rule, goodsBySku);

				expect(merged.map(({ skuId }) => skuId)).toEqual(guests.map(({ skuId }) => skuId));
				const after = new Map(cart.lines.map(line => [line.skuId, line.quantity]));
				for (const { skuId } of mine) expect(after.has(skuId)).toBe(true);
				for (const { skuId, from, to, reason } of merged) {
					const untouched = ["OUT_OF_STOCK", "NOT_ON_SHELF"].includes(reason);
					const room = Math.min(MAX_UNITS, goodsBySku.get(skuId)?.available ?? 0);
					expect(after.get(skuId) ?? 0).toBe(to);
					expect(to).toBeLessThanOrEqual(untouched ? from : room);
				}
			})
		);
	});
});
