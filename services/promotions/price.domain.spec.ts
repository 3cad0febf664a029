import { aCoupon, aLine, aRequest, aRule } from "./price.fixture";
import { calculateQuote, type QuoteInput } from "./price.domain";
import type { Scope } from "./scope.domain";

const quote = (lines: QuoteInput["lines"], more: Partial<QuoteInput> = {}) =>
	calculateQuote(aRequest(lines, more));
const reasons = ({ notApplied }: ReturnType<typeof quote>) =>
	notApplied.map(({ id, reason, missing }) => [id, reason, ...(missing === undefined ? [] : [missing])]);

it("sums lines and fee where nothing is off", () => {
	expect(quote([aLine("a", 1999, 2), aLine("b", 5)], { feeFor: () => 800 })).toMatchObject({
		lines: [
			{ skuId: "a", listPrice: 1999, price: 1999, quantity: 2, amount: 3998, discount: 0 },
			{ skuId: "b", listPrice: 5, price: 5, quantity: 1, amount: 5, discount: 0 }
		],
		itemsTotal: 4003,
		discounts: [],
		discountTotal: 0,
		shippingFee: 800,
		total: 4803
	});
});

describe("scope", () => {
	it.each<[string, Scope]>([
		["SKU", { skuIds: ["a"] }],
		["product", { productIds: ["p-a"] }],
		["brand", { brandIds: ["brand"] }],
		["category above", { categoryIds: ["top"] }],
		["all but another", { all: true, not: { skuIds: ["b"] } }],
		["brand, less another category", { brandIds: ["brand", "x"], not: { categoryIds: ["other"] } }]
	])("covers goods by their %s", (_, scope) => {
		const lines = [
			aLine("a", 500, 1, { brandId: "brand", categoryIds: ["leaf", "top"] }),
			aLine("b", 500, 1, { brandId: "x", categoryIds: ["other"] })
		];

		const result = quote(lines, { rules: [aRule("percent_off", { value: 10, scope })] });

		expect(result.discounts[0]?.lines).toEqual([{ skuId: "a", amount: 50 }]);
	});
});

describe("unit prices", () => {
	const flash = aRule("flash_sale", { value: 600, scope: { skuIds: ["a"] } });

	it("sells at the flash price, else at the price_off that leaves least of the start price", () => {
		const rules = [
			flash,
			aRule("price_off", { id: "more", value: 300 }),
			aRule("price_off", { id: "less", value: 200, priority: 9 })
		];

		const result = quote([aLine("a", 1000, 2), aLine("b", 1000)], { rules });

		expect(result.lines).toMatchObject([
			{ listPrice: 1000, price: 600, amount: 1200, discount: 0 },
			{ listPrice: 1000, price: 700, amount: 700, discount: 0 }
		]);
		expect(result.discounts).toMatchObject([
			{ step: "unit", id: "flash_sale", amount: 800, base: 2000 },
			{ step: "unit", id: "more", amount: 300, base: 1000 }
		]);
		expect(result).toMatchObject({ itemsTotal: 3000, discountTotal: 1100, total: 1900 });
		expect(reasons(result)).toEqual([["less", "EXCLUDED"]]);
	});

	it.each([
		["SOLD_OUT", { inAll: 1, forBuyer: 5 }],
		["LIMIT", { inAll: 9, forBuyer: 1 }]
	])("gives no flash price to a line of more units than are left: %s", (reason, unitsLeft) => {
		const rules = [{ ...flash, unitsLeft }, aRule("price_off", { value: 100 })];

		const result = quote([aLine("a", 1000, 2)], { rules });

		expect(result.total).toBe(1800);
		expect(reasons(result)).toEqual([["flash_sale", reason]]);
	});

	it("lets an exclusive price_off take its lines, whatever the others would leave", () => {
		const rules = [flash, aRule("price_off", { value: 100, exclusive: true, scope: { skuIds: ["a"] } })];

		expect(quote([aLine("a", 1000)], { rules }).total).toBe(900);
	});
});

describe("lines and order", () => {
	it.each([
		[999, 999],
		[1000, 900],
		[2999, 2899]
	])("takes an amount off from its threshold on: %i", (price, total) => {
		const rules = [aRule("amount_off", { threshold: 1000, value: 100 })];

		expect(quote([aLine("a", price)], { rules }).total).toBe(total);
	});

	it("says how much is missing", () => {
		const rules = [
			aRule("amount_off", { threshold: 1000, value: 100 }),
			aRule("units_off", { thresholdUnits: 3, value: 1 })
		];

		expect(reasons(quote([aLine("a", 901)], { rules }))).toEqual([
			["amount_off", "THRESHOLD", 99],
			["units_off", "THRESHOLD", 2]
		]);
	});

	it("repeats for each full threshold", () => {
		const rules = [aRule("amount_off", { threshold: 1000, value: 100, repeat: true })];

		expect(quote([aLine("a", 2999)], { rules }).total).toBe(2799);
	});

	it("takes the best tier that is reached", () => {
		const tiers = [
			{ threshold: 1000, value: 100 },
			{ threshold: 2000, value: 300 }
		];
		const rules = [aRule("amount_off", { tiers })];

		expect([999, 1000, 2000].map(price => quote([aLine("a", price)], { rules }).total)).toEqual([
			999, 900, 1700
		]);
	});

	it("frees the cheapest units at what is left of them", () => {
		const rules = [
			aRule("percent_off", { value: 50, priority: 1, scope: { skuIds: ["b"] } }),
			aRule("units_off", { thresholdUnits: 3, value: 1, repeat: true })
		];

		const result = quote([aLine("a", 400, 4), aLine("b", 600, 2)], { rules });

		expect(result.discounts.find(({ id }) => id === "units_off")).toMatchObject({
			amount: 600,
			base: 2200,
			lines: [{ skuId: "b", amount: 600 }]
		});
	});

	it("rounds a percentage half up, once, and splits it by largest remainder with ties by SKU id", () => {
		const lines = [aLine("c", 5), aLine("b", 5), aLine("a", 5)];

		const result = quote(lines, { rules: [aRule("percent_off", { value: 50 })] });

		expect(result.discounts[0]).toMatchObject({
			amount: 8,
			lines: [
				{ skuId: "a", amount: 3 },
				{ skuId: "b", amount: 3 },
				{ skuId: "c", amount: 2 }
			]
		});
	});

	it("tests thresholds on what the steps before have left", () => {
		const rules = [
			aRule("price_off", { value: 1 }),
			aRule("percent_off", { value: 10, threshold: 1000 })
		];

		expect(reasons(quote([aLine("a", 1000)], { rules }))).toEqual([["percent_off", "THRESHOLD", 1]]);
	});

	it("lets an exclusive rule take its lines from the others, and the better of two win", () => {
		const own = { skuIds: ["a"] };
		const rules = [
			aRule("amount_off", { id: "all", threshold: 1500, value: 500, priority: 9 }),
			aRule("amount_off", { id: "good", value: 100, exclusive: true, scope: own }),
			aRule("amount_off", { id: "bad", value: 50, exclusive: true, priority: 5, scope: own })
		];

		const result = quote([aLine("a", 1000), aLine("b", 1000)], { rules });

		expect(result.discounts.map(({ id }) => id)).toEqual(["good"]);
		expect(reasons(result)).toEqual([
			["all", "EXCLUDED"],
			["bad", "EXCLUDED"]
		]);
	});

	it("gives a gift while stock lasts, beside the units that are bought", () => {
		const gift = { skuId: "a", quantity: 2 };
		const rules = [aRule("gift", { threshold: 1000, gift })];
		const lines = [aLine("a", 1000)];

		expect(quote(lines, { rules, giftStock: new Map([["a", 3]]) })).toMatchObject({
			gifts: [{ ...gift, promotionId: "gift" }],
			discounts: [{ type: "gift", amount: 0, lines: [] }]
		});
		expect(reasons(quote(lines, { rules, giftStock: new Map([["a", 2]]) }))).toEqual([
			["gift", "SOLD_OUT"]
		]);
	});
});

describe("coupon, points, shipping", () => {
	it("takes the coupon off what the promotions left, up to its maximum", () => {
		const rules = [aRule("amount_off", { value: 200 })];
		const coupon = aCoupon("percent", { value: 10, threshold: 800 });

		expect(quote([aLine("a", 1000)], { rules, coupon }).total).toBe(720);
		expect(quote([aLine("a", 1000)], { rules, coupon: { ...coupon, maxDiscount: 50 } }).total).toBe(750);
		expect(reasons(quote([aLine("a", 999)], { rules, coupon }))).toEqual([["c-percent", "THRESHOLD", 1]]);
	});

	it("takes no more than there is, and leaves nothing for a coupon on what is free", () => {
		const rules = [aRule("amount_off", { value: 5000 })];

		const result = quote([aLine("a", 1000)], { rules, coupon: aCoupon("fixed", { value: 1 }) });

		expect(result).toMatchObject({ total: 0, discountTotal: 1000 });
		expect(reasons(result)).toEqual([["c-fixed", "EXCLUDED"]]);
	});

	it("shows what each coupon would take, the best first", () => {
		const offered = [
			aCoupon("fixed", { code: "5", value: 5 }),
			aCoupon("fixed", { code: "high", value: 500, threshold: 2000 }),
			aCoupon("free_shipping", { code: "free" }),
			aCoupon("percent", { code: "10 %", value: 10 })
		];

		const result = quote([aLine("a", 1000)], { offered, feeFor: () => 90 });

		expect(result.coupons.map(({ code, amount, reason }) => [code, amount, reason])).toEqual([
			["10 %", 100, null],
			["free", 90, null],
			["5", 5, null],
			["high", 0, "THRESHOLD"]
		]);
		expect(result.total).toBe(1090);
	});

	it("pays with points up to their share of the goods and the balance, and earns for the rest", () => {
		const points = { wanted: 900, balance: 800, fenPerPoint: 1, maxPercent: 50, perYuan: 1 };

		const result = quote([aLine("a", 1001), aLine("b", 300)], { points, feeFor: () => 100 });

		expect(result.points).toEqual({ used: 650, amount: 650, usable: 650, earn: 6 });
		expect(result.discounts).toMatchObject([{ step: "points", amount: 650, base: 1301 }]);
		expect(result.total).toBe(751);
	});

	it("drops the fee once, and counts that in no total of discounts", () => {
		const rules = [aRule("free_shipping", { threshold: 500 })];
		const coupon = aCoupon("free_shipping");

		const result = quote([aLine("a", 1000)], { rules, coupon, feeFor: () => 800 });

		expect(result).toMatchObject({ discountTotal: 0, shippingFee: 0, total: 1000 });
		expect(result.discounts).toEqual([
			{
				step: "shipping",
				type: "free_shipping",
				id: "free_shipping",
				name: "Rule free_shipping",
				amount: 800,
				base: 1000,
				lines: []
			}
		]);
		expect(reasons(result)).toEqual([["c-free_shipping", "EXCLUDED"]]);
	});
});
