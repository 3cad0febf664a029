import fc from "fast-check";
import { PROMOTION_TYPES } from "../../schemas/promotions.contract";
import { sumAmounts } from "../../schemas/values/money";
import { calculateNaively } from "./price.fixture";
import { calculateQuote, type QuoteInput } from "./price.domain";
import type { PricedLine, Rule } from "./rule.domain";
import { compileScope } from "./scope.domain";

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
