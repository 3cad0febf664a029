import fc from "fast-check";
import { PROMOTION_TYPES } from "../../schemas/promotions.contract";
import { sumAmounts } from "../../schemas/values/money";
import { aCoupon, aLine, aRequest, aRule, calculateNaively } from "./price.fixture";
import { calculateQuote, type QuoteInput } from "./price.domain";
import type { PricedLine, Rule } from "./rule.domain";
import { compileScope, type Scope } from "./scope.domain";

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

describe("any cart with any rules", () => {
	const ids = fc.constantFrom("x", "y", "z");
	const lists = fc.record(
		{
			all: fc.boolean(),
			categoryIds: fc.uniqueArray(ids),
			brandIds: fc.uniqueArray(ids),
			productIds: fc.uniqueArray(ids),
			skuIds: fc.uniqueArray(fc.constantFrom("a", "b", "c"))
		},
		{ requiredKeys: [] }
	);
	const covers = fc
		.record({ lists, not: fc.option(lists, { nil: undefined, freq: 3 }) })
		.map(scope => compileScope({ ...scope.lists, not: scope.not }));
	const anyLine = fc.record({
		skuId: fc.constantFrom("a", "b", "c", "d", "e", "f"),
		productId: ids,
		categoryIds: fc.uniqueArray(ids),
		brandId: fc.option(ids),
		price: fc.oneof(fc.nat({ max: 10 }), fc.nat({ max: 5000 })),
		quantity: fc.integer({ min: 1, max: 7 })
	});
	const amount = fc.oneof(fc.constant(0), fc.nat({ max: 20 }), fc.nat({ max: 9000 }));
	const condition = {
		covers,
		threshold: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, amount),
		thresholdUnits: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat({ max: 9 }))
	};
	const left = fc.oneof(fc.constant(Infinity), fc.nat({ max: 9 }));
	const anyRule = fc
		.record({
			...condition,
			id: fc.nat({ max: 99 }).map(String),
			name: fc.constant("rule"),
			type: fc.constantFrom(...PROMOTION_TYPES),
			value: amount,
			tiers: fc.oneof(
				{ weight: 3, arbitrary: fc.constant([]) },
				fc.array(fc.record({ threshold: fc.nat({ max: 9000 }), value: fc.nat({ max: 900 }) }), {
					maxLength: 3
				})
			),
			repeat: fc.boolean(),
			gift: fc.record({ skuId: fc.constantFrom("a", "g"), quantity: fc.integer({ min: 1, max: 3 }) }),
			priority: fc.integer({ min: -1, max: 1 }),
			exclusive: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
			blocked: fc.option(fc.constant("AUDIENCE" as const), { freq: 9 }),
			unitsLeft: fc.record({ inAll: left, forBuyer: left })
		})
		.map((rule): Rule => ({
			...rule,
			blocked: rule.blocked && "AUDIENCE",
			value:
				rule.type === "percent_off"
					? (rule.value % 99) + 1
					: rule.type === "units_off"
						? rule.value % 4
						: rule.value,
			tiers: rule.type === "amount_off" ? rule.tiers : []
		}));
	const anyCoupon = fc
		.record({
			...condition,
			id: fc.constant("coupon"),
			code: fc.constant("code"),
			name: fc.constant("coupon"),
			type: fc.constantFrom("fixed" as const, "percent" as const, "free_shipping" as const),
			value: amount,
			maxDiscount: fc.oneof(fc.constant(Infinity), amount),
			blocked: fc.constant(null)
		})
		.map(coupon => ({ ...coupon, value: coupon.type === "percent" ? coupon.value % 101 : coupon.value }));
	const cart: fc.Arbitrary<QuoteInput> = fc.record({
		lines: fc.uniqueArray(anyLine, { selector: line => line.skuId, minLength: 1 }),
		rules: fc.uniqueArray(anyRule, { selector: rule => rule.id, maxLength: 7 }),
		coupon: fc.option(anyCoupon),
		offered: fc.constant([]),
		points: fc.record({
			wanted: fc.oneof(fc.constant(0), fc.nat({ max: 5000 })),
			balance: fc.nat({ max: 5000 }),
			fenPerPoint: fc.integer({ min: 1, max: 3 }),
			maxPercent: fc.nat({ max: 100 }),
			perYuan: fc.nat({ max: 5 })
		}),
		feeFor: fc.constantFrom(
			() => 0,
			() => 800
		),
		giftStock: fc.constant(
			new Map([
				["a", 5],
				["g", 3]
			])
		),
		currency: fc.constant("CNY")
	});
	/** `CARTS=100000 npx jest services/promotions` for a long run. */
	const runs = { numRuns: Number(process.env["CARTS"] ?? 500) };

	it("is priced as the naive calculator prices it", () => {
		fc.assert(
			fc.property(cart, request => {
				const { total, shippingFee, discounts, gifts } = calculateQuote(request);

				const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
				const naive = calculateNaively(request);
				expect({ total, shippingFee, gifts, discounts: discounts.toSorted(byId) }).toEqual({
					...naive,
					discounts: naive.discounts.toSorted(byId)
				});
			}),
			runs
		);
	});

	it("can be computed again from its discounts, sums exactly, and goes below 0 nowhere", () => {
		fc.assert(
			fc.property(cart, request => {
				const result = calculateQuote(request);

				const left = new Map(request.lines.map(l => [l.skuId, l.price * l.quantity]));
				let fee = request.feeFor([]);
				for (const { step, amount: taken, lines, base } of result.discounts) {
					if (step === "shipping") fee -= taken;
					else expect(sumAmounts(lines.map(share => share.amount))).toBe(taken);
					expect(taken).toBeLessThanOrEqual(step === "shipping" ? request.feeFor([]) : base);
					for (const { skuId, amount: share } of lines)
						left.set(skuId, (left.get(skuId) ?? 0) - share);
				}
				expect(result.lines.map(line => line.amount)).toEqual([...left.values()]);
				expect(Math.min(fee, result.total, ...left.values())).toBeGreaterThanOrEqual(0);
				expect(result.total).toBe(sumAmounts([...left.values()]) + fee);
				expect(result.total).toBe(result.itemsTotal - result.discountTotal + result.shippingFee);
				for (const line of result.lines)
					expect(line.amount).toBe(line.price * line.quantity - line.discount);
			}),
			runs
		);
	});

	it("names every rule once, as applied or with the reason why not", () => {
		fc.assert(
			fc.property(cart, request => {
				const { discounts, notApplied } = calculateQuote(request);

				const named = [...discounts, ...notApplied].map(({ id }) => id);
				const known = [...request.rules, ...(request.coupon ? [request.coupon] : [])];
				expect(named.filter(id => id !== "points").sort()).toEqual(known.map(({ id }) => id).sort());
			}),
			runs
		);
	});

	/** The most that one rule may take by its own terms, thresholds of units left aside. */
	function listMostOff(
		{ type, covers: inScope, value, tiers, threshold, thresholdUnits, repeat }: Rule,
		lines: readonly PricedLine[]
	) {
		const own = lines.filter(line => inScope(line));
		const base = sumAmounts(own.map(({ price, quantity }) => price * quantity));
		const prices = own.flatMap(({ price, quantity }) => Array<number>(quantity).fill(price));
		switch (type) {
			case "percent_off":
				return Math.round((base * value) / 100);
			case "price_off":
				return sumAmounts(prices.map(price => Math.min(price, value)));
			case "flash_sale":
				return sumAmounts(prices.map(price => Math.max(0, price - value)));
			case "amount_off": {
				const reached = tiers.filter(tier => base >= tier.threshold).map(tier => tier.value);
				if (tiers.length) return Math.max(0, ...reached);
				const times = [
					...(threshold > 0 ? [Math.floor(base / threshold)] : []),
					...(thresholdUnits > 0 ? [Math.floor(prices.length / thresholdUnits)] : [])
				];
				return repeat && times.length > 0 ? Math.min(...times) * value : value;
			}
			case "units_off":
				// As many as it frees at once, or for each full threshold: never more than all of them.
				return sumAmounts(prices.sort((a, b) => a - b).slice(0, repeat ? prices.length : value));
			case "gift":
			case "free_shipping":
				return 0;
		}
	}

	it("never costs less with one unit more than by the terms of the rule", () => {
		const unlimited = { inAll: Infinity, forBuyer: Infinity };
		const grown = fc.record({ request: cart, rule: anyRule, pick: fc.nat() });
		const payFor = (request: QuoteInput) =>
			sumAmounts(calculateQuote(request).lines.map(line => line.amount));

		fc.assert(
			fc.property(grown, ({ request: { lines, ...request }, rule, pick }) => {
				const rules = [{ ...rule, unitsLeft: unlimited }];
				const noBenefits = {
					...request,
					rules,
					coupon: null,
					points: { ...request.points, wanted: 0 }
				};
				const more = lines.map((line, n) =>
					n === pick % lines.length ? { ...line, quantity: line.quantity + 1 } : line
				);

				const paid = payFor({ ...noBenefits, lines: more });

				const listed = sumAmounts(more.map(({ price, quantity }) => price * quantity));
				const before = payFor({ ...noBenefits, lines });
				expect(paid).toBeGreaterThanOrEqual(Math.min(before, listed - listMostOff(rule, more)));
			}),
			runs
		);
	});

	it("does not depend on the order of lines or rules", () => {
		const shuffled = cart.chain(request =>
			fc.record({
				request: fc.constant(request),
				lines: fc.shuffledSubarray([...request.lines], { minLength: request.lines.length }),
				rules: fc.shuffledSubarray([...request.rules], { minLength: request.rules.length })
			})
		);

		fc.assert(
			fc.property(shuffled, ({ request, lines, rules }) => {
				const straight = calculateQuote(request);

				const mixed = calculateQuote({ ...request, lines, rules });

				const bySku = new Map(mixed.lines.map(line => [line.skuId, line]));
				expect({ ...mixed, lines: straight.lines.map(line => bySku.get(line.skuId)) }).toEqual(
					straight
				);
			}),
			runs
		);
	});
});
