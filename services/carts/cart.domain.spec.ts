import fc from "fast-check";
import {
	addUnits,
	assertBuyable,
	clearLines,
	dropOrderedLines,
	EMPTY,
	toCartItems,
	MAX_LINES,
	removeLine,
	selectLines,
	getSelectedLines,
	setLine,
	type Cart,
	type CartLine
} from "./cart.domain";
import type { Goods } from "../../schemas/values/goods";

const goods = (skuId: string, more: Partial<Goods> = {}): Goods => ({
	skuId,
	productId: `p-${skuId}`,
	code: "C-1",
	name: `Tea ${skuId}`,
	image: null,
	attributes: {},
	price: 100,
	currency: "CNY",
	onShelf: true,
	limitPerUser: null,
	categoryIds: [],
	brandId: null,
	weight: 0,
	shippingRuleId: null,
	available: 50,
	...more
});
const bySku = (...all: Goods[]) => new Map(all.map(one => [one.skuId, one]));
const aLine = (skuId: string, more: Partial<CartLine> = {}): CartLine => ({
	skuId,
	productId: `p-${skuId}`,
	name: `Tea ${skuId}`,
	quantity: 1,
	selected: true,
	addedPrice: 100,
	...more
});
const aCart = (...lines: CartLine[]): Cart => ({ ...EMPTY, lines });
const refusal = (type: string, data: unknown = expect.anything()) => expect.objectContaining({ type, data });

describe("adding", () => {
	it("adds a selected line at the present price", () => {
		const cart = addUnits(EMPTY, { skuId: "a", quantity: 2 }, bySku(goods("a", { price: 120 })));

		expect(cart.lines).toEqual([aLine("a", { quantity: 2, addedPrice: 120 })]);
	});

	it("adds to the units of a known line, at the price that is seen now", () => {
		const before = aCart(aLine("a", { quantity: 3, selected: false }), aLine("b"));

		const cart = addUnits(before, { skuId: "a", quantity: 2 }, bySku(goods("a", { price: 120 })));

		expect(cart.lines).toEqual([aLine("a", { quantity: 5, addedPrice: 120 }), aLine("b")]);
	});

	it("refuses more than the stock, counting the units in the cart, and names the stock", () => {
		const before = aCart(aLine("a", { quantity: 3 }));

		const adding = () =>
			addUnits(before, { skuId: "a", quantity: 3 }, bySku(goods("a", { available: 5 })));

		expect(adding).toThrow(
			refusal("OUT_OF_STOCK", { items: [{ skuId: "a", requested: 6, available: 5 }] })
		);
	});

	it("refuses an unknown SKU and one that is off the shelf", () => {
		expect(() => addUnits(EMPTY, { skuId: "a", quantity: 1 }, new Map())).toThrow(refusal("NOT_FOUND"));
		expect(() =>
			addUnits(EMPTY, { skuId: "a", quantity: 1 }, bySku(goods("a", { onShelf: false })))
		).toThrow(refusal("NOT_ON_SHELF"));
	});

	it("refuses more of a line whose SKU has left the catalogue as not on the shelf, like an order", () => {
		const adding = () => addUnits(aCart(aLine("a")), { skuId: "a", quantity: 1 }, new Map());

		expect(adding).toThrow(refusal("NOT_ON_SHELF", { skuIds: ["a"] }));
	});

	it("refuses more than 9,999 of a line however many there are", () => {
		const before = aCart(aLine("a", { quantity: 9999 }));

		expect(() =>
			addUnits(before, { skuId: "a", quantity: 1 }, bySku(goods("a", { available: 100_000 })))
		).toThrow(refusal("VALIDATION_ERROR"));
	});

	it("refuses the 101st line, and still adds to the first", () => {
		const full = aCart(...Array.from({ length: MAX_LINES }, (_, i) => aLine(`s${i}`)));

		expect(() => addUnits(full, { skuId: "new", quantity: 1 }, bySku(goods("new")))).toThrow(
			refusal("LIMIT_REACHED")
		);
		expect(addUnits(full, { skuId: "s0", quantity: 1 }, bySku(goods("s0"))).lines[0]?.quantity).toBe(2);
	});

	it("never holds more than the stock, 9,999 units a line or 100 lines, whatever is added", () => {
		const sku = fc.integer({ min: 0, max: 130 }).map(n => `s${n}`);
		const step = fc.record({ skuId: sku, quantity: fc.integer({ min: 1, max: 9999 }) });
		const stock = new Map(
			Array.from({ length: 131 }, (_, i) => [`s${i}`, goods(`s${i}`, { available: i * 150 })])
		);

		fc.assert(
			fc.property(fc.array(step, { maxLength: 300 }), steps => {
				const cart = steps.reduce((before, wanted) => {
					try {
						return addUnits(before, wanted, stock);
					} catch {
						return before;
					}
				}, EMPTY);

				expect(cart.lines.length).toBeLessThanOrEqual(MAX_LINES);
				expect(new Set(cart.lines.map(line => line.skuId)).size).toBe(cart.lines.length);
				for (const { skuId, quantity } of cart.lines) {
					expect(quantity).toBeLessThanOrEqual(Math.min(9999, stock.get(skuId)?.available ?? 0));
				}
			})
		);
	});
});

describe("changing a line", () => {
	it("sets the quantity and keeps the price at which the line was added", () => {
		const cart = setLine(aCart(aLine("a")), "a", { quantity: 4 }, bySku(goods("a", { price: 1 })));

		expect(cart.lines).toEqual([aLine("a", { quantity: 4 })]);
	});

	it("refuses more than the stock", () => {
		expect(() =>
			setLine(aCart(aLine("a")), "a", { quantity: 9 }, bySku(goods("a", { available: 8 })))
		).toThrow(refusal("OUT_OF_STOCK"));
	});

	it("deselects a line that can't be bought any more", () => {
		const cart = setLine(aCart(aLine("a", { quantity: 7 })), "a", { selected: false }, new Map());

		expect(cart.lines).toEqual([aLine("a", { quantity: 7, selected: false })]);
	});

	it("refuses the quantity of a line whose SKU has left the catalogue as not on the shelf", () => {
		const changing = () => setLine(aCart(aLine("a")), "a", { quantity: 2 }, new Map());

		expect(changing).toThrow(refusal("NOT_ON_SHELF", { skuIds: ["a"] }));
	});

	it("refuses an unknown line", () => {
		const cart = aCart(aLine("a"));

		expect(() => setLine(cart, "b", { quantity: 1 }, bySku(goods("b")))).toThrow(refusal("NOT_FOUND"));
		expect(() => removeLine(cart, "b")).toThrow(refusal("NOT_FOUND"));
		expect(() => selectLines(cart, ["a", "b"], false)).toThrow(refusal("NOT_FOUND"));
	});

	it("removes one line, or all", () => {
		const cart = aCart(aLine("a"), aLine("b"));

		expect(removeLine(cart, "a").lines).toEqual([aLine("b")]);
		expect(clearLines(cart).lines).toEqual([]);
	});

	it("selects the named lines, or all, for the next order", () => {
		const none = selectLines(aCart(aLine("a"), aLine("b", { quantity: 2 })), "all", false);

		const cart = selectLines(none, ["b"], true);

		expect(getSelectedLines(none)).toEqual([]);
		expect(getSelectedLines(cart)).toEqual([{ skuId: "b", quantity: 2 }]);
	});
});

describe("dropping ordered lines", () => {
	it("removes the ordered lines and leaves the others", () => {
		expect(dropOrderedLines(aCart(aLine("a"), aLine("b")), "o1", ["a", "z"]).lines).toEqual([aLine("b")]);
	});

	it("leaves lines that were added since when the same order is dropped again", () => {
		const dropped = dropOrderedLines(aCart(aLine("a")), "o1", ["a"]);
		const again = addUnits(dropped, { skuId: "a", quantity: 2 }, bySku(goods("a")));

		expect(dropOrderedLines(again, "o1", ["a"]).lines).toEqual(again.lines);
		expect(dropOrderedLines(again, "o2", ["a"]).lines).toEqual([]);
	});

	it("remembers the last 50 orders and no more", () => {
		const orders = Array.from({ length: 60 }, (_, i) => `o${i}`);

		const { ordered } = orders.reduce((cart, orderId) => dropOrderedLines(cart, orderId, ["a"]), EMPTY);

		expect(ordered).toEqual(orders.slice(10));
	});
});

describe("showing", () => {
	const problemOf = (line: CartLine, ...now: Goods[]) =>
		toCartItems(aCart(line), bySku(...now))[0]?.problem;

	it("names the problem of a line, the worst first", () => {
		const line = aLine("a", { quantity: 5 });

		expect(problemOf(line, goods("a", { available: 5 }))).toBeNull();
		expect(problemOf(line, goods("a", { price: 99 }))).toBe("PRICE_CHANGED");
		expect(problemOf(line, goods("a", { price: 99, available: 4 }))).toBe("OUT_OF_STOCK");
		expect(problemOf(line, goods("a", { limitPerUser: 5 }))).toBeNull();
		expect(problemOf(line, goods("a", { limitPerUser: 4 }))).toBe("OUT_OF_STOCK");
		expect(problemOf(line, goods("a", { available: 4, onShelf: false }))).toBe("NOT_ON_SHELF");
	});

	it("shows the present price beside the former one", () => {
		const [item] = toCartItems(aCart(aLine("a", { quantity: 3 })), bySku(goods("a", { price: 80 })));

		expect(item).toMatchObject({ price: 80, addedPrice: 100, amount: 240, available: 50 });
	});

	it("still shows a line whose SKU is gone", () => {
		const [item] = toCartItems(aCart(aLine("a")), new Map());

		expect(item).toMatchObject({ name: "Tea a", price: 100, available: 0, problem: "NOT_ON_SHELF" });
	});
});

describe("buying", () => {
	it("refuses with every line that is short", () => {
		const goodsBySku = bySku(goods("a", { available: 1 }), goods("b", { available: 0 }), goods("c"));
		const demand = ["a", "b", "c"].map(skuId => ({ skuId, quantity: 2 }));

		expect(() => assertBuyable(demand, goodsBySku)).toThrow(
			refusal("OUT_OF_STOCK", {
				items: [
					{ skuId: "a", requested: 2, available: 1 },
					{ skuId: "b", requested: 2, available: 0 }
				]
			})
		);
	});

	it("is refused for a SKU that is off the shelf and one that left the catalogue alike", () => {
		const demand = ["off", "gone", "there"].map(skuId => ({ skuId, quantity: 1 }));
		const goodsBySku = bySku(goods("off", { onShelf: false }), goods("there"));

		expect(() => assertBuyable(demand, goodsBySku)).toThrow(
			refusal("NOT_ON_SHELF", { skuIds: ["off", "gone"] })
		);
	});

	it("is refused in the order in which an order is: units, shelf, stock, limit", () => {
		const refusalOf = (quantity: number, more: Partial<Goods>) => {
			try {
				assertBuyable([{ skuId: "a", quantity }], bySku(goods("a", more)), id => `lines.${id}`);
				return null;
			} catch (err) {
				const { type, data } = err as { type: string; data: unknown };
				return type === "VALIDATION_ERROR" ? (data as { field: string }[])[0]?.field : type;
			}
		};
		const all = { onShelf: false, available: 1, limitPerUser: 1 };

		expect([
			refusalOf(10_000, all),
			refusalOf(2, all),
			refusalOf(2, { ...all, onShelf: true }),
			refusalOf(2, { limitPerUser: 1 }),
			refusalOf(1, { limitPerUser: 1 })
		]).toEqual(["lines.a", "NOT_ON_SHELF", "OUT_OF_STOCK", "PURCHASE_LIMIT", null]);
	});
});
