import fc from "fast-check";
import { sumAmounts } from "../../schemas/values/money";
import type { Offer, OfferType, PricedLine, Scope } from "./offer.domain";
import { calculateQuote } from "./price.domain";

const NOWHERE: Scope = { all: false, categoryIds: [], brandIds: [], productIds: [], skuIds: [] };
const EVERYWHERE: Scope = { ...NOWHERE, all: true };

const aLine = (skuId: string, price: number, quantity = 1, more: Partial<PricedLine> = {}): PricedLine => ({
	skuId,
	productId: `p-${skuId}`,
	categoryIds: [],
	brandId: null,
	price,
	quantity,
	...more
});

const anOffer = (type: OfferType, value: number, more: Partial<Offer> = {}): Offer => ({
	id: type,
	name: `Offer ${type}`,
	type,
	value,
	threshold: 0,
	scope: EVERYWHERE,
	priority: 0,
	exclusive: false,
	...more
});

const quoteOf = (lines: readonly PricedLine[], offers: readonly Offer[] = [], shippingFee = 0) =>
	calculateQuote({ lines, offers, shippingFee, currency: "CNY" });

const reasons = (result: ReturnType<typeof calculateQuote>) =>
	result.notApplied.map(({ id, reason }) => [id, reason]);

describe("quote", () => {
	it("sums lines and fee when there is nothing off", () => {
		const result = quoteOf([aLine("a", 1999, 2), aLine("b", 5)], [], 800);

		expect(result).toEqual({
			lines: [
				{
					skuId: "a",
					productId: "p-a",
					price: 1999,
					quantity: 2,
					amount: 3998,
					discount: 0,
					payable: 3998
				},
				{ skuId: "b", productId: "p-b", price: 5, quantity: 1, amount: 5, discount: 0, payable: 5 }
			],
			itemsTotal: 4003,
			discounts: [],
			discountTotal: 0,
			notApplied: [],
			shippingFee: 800,
			total: 4803,
			currency: "CNY"
		});
	});

	it("is zero for nothing", () => {
		expect(quoteOf([], [anOffer("amount_off", 100)])).toMatchObject({ itemsTotal: 0, total: 0 });
	});

	it("splits a reduction over the lines it covers, and only those", () => {
		const lines = [
			aLine("a", 1000),
			aLine("b", 1000, 1, { brandId: "x" }),
			aLine("c", 2000, 1, { brandId: "x" })
		];

		const result = quoteOf(lines, [
			anOffer("amount_off", 100, { scope: { ...NOWHERE, brandIds: ["x"] } })
		]);

		expect(result.discounts[0]?.lines).toEqual([
			{ skuId: "b", amount: 33 },
			{ skuId: "c", amount: 67 }
		]);
		expect(result.lines.map(line => line.payable)).toEqual([1000, 967, 1933]);
	});

	it.each<[string, Partial<Scope>]>([
		["SKU", { skuIds: ["a"] }],
		["product", { productIds: ["p-a"] }],
		["brand", { brandIds: ["brand"] }],
		["category above", { categoryIds: ["top"] }]
	])("covers a line by its %s", (_, scope) => {
		const lines = [
			aLine("a", 500, 1, { brandId: "brand", categoryIds: ["leaf", "top"] }),
			aLine("b", 500)
		];

		const result = quoteOf(lines, [anOffer("percent_off", 10, { scope: { ...NOWHERE, ...scope } })]);

		expect(result.discounts[0]?.lines).toEqual([{ skuId: "a", amount: 50 }]);
	});

	it("sells each unit at the flash price, or takes the price cut off each unit", () => {
		const lines = [aLine("a", 1000, 3), aLine("b", 1000, 3)];
		const flash = anOffer("flash_sale", 700, { scope: { ...NOWHERE, skuIds: ["a"] } });
		const cut = anOffer("price_off", 100, { scope: { ...NOWHERE, skuIds: ["b"] } });

		const result = quoteOf(lines, [flash, cut]);

		expect(result.lines.map(line => line.payable)).toEqual([2100, 2700]);
	});

	it("gives a line only the best of several activities, the first by id of equals", () => {
		const cut = anOffer("price_off", 300, { id: "2-cut" });
		const same = anOffer("flash_sale", 700, { id: "1-flash" });
		const less = anOffer("price_off", 299, { id: "0-less" });

		const result = quoteOf([aLine("a", 1000)], [cut, same, less]);

		expect(result.discounts.map(({ id, amount }) => [id, amount])).toEqual([["1-flash", 300]]);
		expect(reasons(result)).toEqual([
			["0-less", "BETTER_OFFER"],
			["2-cut", "BETTER_OFFER"]
		]);
	});

	it("tests a threshold on what the phases before have left", () => {
		const reduction = anOffer("amount_off", 200, { threshold: 1000 });
		const coupon = anOffer("fixed", 100, { threshold: 801 });

		const result = quoteOf([aLine("a", 1000)], [coupon, reduction]);

		expect(result.total).toBe(800);
		expect(reasons(result)).toEqual([["fixed", "BELOW_THRESHOLD"]]);
	});

	it("takes a percentage of the reduced base and no more than its maximum", () => {
		const reduction = anOffer("amount_off", 200);
		const coupon = anOffer("percent", 10);

		expect(quoteOf([aLine("a", 1000)], [coupon, reduction]).total).toBe(720);
		expect(quoteOf([aLine("a", 1000)], [{ ...coupon, maxDiscount: 50 }, reduction]).total).toBe(750);
	});

	it("lets the higher priority go first inside a phase", () => {
		const fixed = anOffer("amount_off", 500, { id: "a", priority: 1 });
		const percent = anOffer("percent_off", 10, { id: "b", priority: 2 });

		expect(quoteOf([aLine("a", 1000)], [fixed, percent]).total).toBe(400);
		expect(quoteOf([aLine("a", 1000)], [{ ...fixed, priority: 3 }, percent]).total).toBe(450);
	});

	it("takes an exclusive offer alone when it saves more than all others together", () => {
		const big = anOffer("amount_off", 301, { id: "big", exclusive: true });
		const others = [anOffer("percent_off", 20), anOffer("fixed", 100)];

		const result = quoteOf([aLine("a", 1000)], [...others, big]);

		expect(result.discounts.map(({ id }) => id)).toEqual(["big"]);
		expect(reasons(result)).toEqual([
			["fixed", "BETTER_OFFER"],
			["percent_off", "BETTER_OFFER"]
		]);
	});

	it("leaves an exclusive offer out when the others together save as much", () => {
		const big = anOffer("amount_off", 300, { id: "big", exclusive: true });
		const others = [anOffer("percent_off", 20), anOffer("fixed", 100)];

		const result = quoteOf([aLine("a", 1000)], [big, ...others]);

		expect(result.discounts.map(({ id }) => id)).toEqual(["percent_off", "fixed"]);
		expect(reasons(result)).toEqual([["big", "BETTER_OFFER"]]);
	});

	it("keeps the true reason of an offer that would not have applied anyway", () => {
		const exclusive = anOffer("amount_off", 100, { id: "exclusive", exclusive: true });
		const tooHigh = anOffer("fixed", 900, { id: "too-high", threshold: 1001 });
		const elsewhere = anOffer("fixed", 900, { id: "elsewhere", scope: { ...NOWHERE, skuIds: ["z"] } });

		const result = quoteOf([aLine("a", 1000)], [exclusive, tooHigh, elsewhere]);

		expect(reasons(result)).toEqual([
			["elsewhere", "OUT_OF_SCOPE"],
			["too-high", "BELOW_THRESHOLD"]
		]);
	});

	it("drops the fee for free shipping and touches no line", () => {
		const result = quoteOf([aLine("a", 1000)], [anOffer("free_shipping", 0)], 800);

		expect(result).toMatchObject({ itemsTotal: 1000, discountTotal: 0, shippingFee: 0, total: 1000 });
		expect(result.discounts[0]).toMatchObject({ amount: 0, shippingSaved: 800, lines: [] });
	});

	it("spends no free shipping where shipping costs nothing, and no coupon on what is free already", () => {
		const free = [anOffer("amount_off", 5000), anOffer("free_shipping", 0), anOffer("fixed", 1)];

		const result = quoteOf([aLine("a", 1000)], free);

		expect(result.total).toBe(0);
		expect(reasons(result)).toEqual([
			["fixed", "NOTHING_TO_SAVE"],
			["free_shipping", "NOTHING_TO_SAVE"]
		]);
	});
});

describe("any basket with any offers", () => {
	const ids = fc.constantFrom("x", "y", "z");
	const basketLines = fc.uniqueArray(
		fc.record({
			skuId: fc.stringMatching(/^[a-z0-9]{1,4}$/),
			productId: ids,
			categoryIds: fc.uniqueArray(ids),
			brandId: fc.option(ids),
			price: fc.nat({ max: 1_000_000 }),
			quantity: fc.integer({ min: 1, max: 9999 })
		}),
		{ selector: line => line.skuId, maxLength: 12 }
	);
	const scope = fc.record({
		all: fc.boolean(),
		categoryIds: fc.uniqueArray(ids),
		brandIds: fc.uniqueArray(ids),
		productIds: fc.uniqueArray(ids),
		skuIds: fc.constant<string[]>([])
	});
	const anyOffer = fc
		.record({
			id: fc.stringMatching(/^[a-z0-9]{1,3}$/),
			name: fc.string(),
			type: fc.constantFrom<OfferType[]>(
				"amount_off",
				"percent_off",
				"price_off",
				"flash_sale",
				"fixed",
				"percent",
				"free_shipping"
			),
			value: fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 10_000_000 })),
			threshold: fc.oneof(fc.constant(0), fc.nat({ max: 100_000_000 })),
			maxDiscount: fc.option(fc.nat({ max: 1_000_000 }), { nil: undefined }),
			scope,
			priority: fc.integer({ min: -3, max: 3 }),
			exclusive: fc.boolean()
		})
		.map(offer => (offer.type.startsWith("percent") ? { ...offer, value: offer.value % 101 } : offer));
	const basket = fc.record({
		lines: basketLines,
		offers: fc.uniqueArray(anyOffer, { selector: offer => offer.id, maxLength: 8 }),
		shippingFee: fc.nat({ max: 5000 }),
		currency: fc.constant("CNY")
	});

	it("adds up: total = items − discounts + fee, and shares sum to each discount and each line", () => {
		fc.assert(
			fc.property(basket, input => {
				const result = calculateQuote(input);

				expect(result.total).toBe(result.itemsTotal - result.discountTotal + result.shippingFee);
				expect(result.itemsTotal).toBe(
					sumAmounts(input.lines.map(line => line.price * line.quantity))
				);
				for (const { amount, lines } of result.discounts)
					expect(sumAmounts(lines.map(l => l.amount))).toBe(amount);
				for (const line of result.lines) {
					const shares = result.discounts.flatMap(({ lines }) =>
						lines.filter(l => l.skuId === line.skuId)
					);
					expect(sumAmounts(shares.map(share => share.amount))).toBe(line.discount);
					expect(line.payable).toBe(line.amount - line.discount);
				}
			})
		);
	});

	it("goes below zero nowhere", () => {
		fc.assert(
			fc.property(basket, input => {
				const { lines, discounts, ...sums } = calculateQuote(input);

				const amounts = [
					sums.total,
					sums.shippingFee,
					...lines.flatMap(line => [line.payable, line.discount]),
					...discounts.flatMap(discount => [
						discount.amount,
						...discount.lines.map(line => line.amount)
					])
				];
				expect(amounts.every(amount => Number.isSafeInteger(amount) && amount >= 0)).toBe(true);
			})
		);
	});

	it("names every offer once, as applied and worth something or as not applied", () => {
		fc.assert(
			fc.property(basket, input => {
				const { discounts, notApplied } = calculateQuote(input);

				const named = [...discounts, ...notApplied].map(({ id }) => id).sort();
				expect(named).toEqual(input.offers.map(({ id }) => id).sort());
				expect(discounts.every(({ amount, shippingSaved }) => amount + shippingSaved > 0)).toBe(true);
			})
		);
	});

	it("does not depend on the order of lines or offers", () => {
		const shuffled = basket.chain(input =>
			fc.record({
				input: fc.constant(input),
				lines: fc.shuffledSubarray(input.lines, { minLength: input.lines.length }),
				offers: fc.shuffledSubarray(input.offers, { minLength: input.offers.length })
			})
		);

		fc.assert(
			fc.property(shuffled, ({ input, lines, offers }) => {
				const straight = calculateQuote(input);

				const mixed = calculateQuote({ ...input, lines, offers });

				const bySku = new Map(mixed.lines.map(line => [line.skuId, line]));
				expect({ ...mixed, lines: straight.lines.map(line => bySku.get(line.skuId)) }).toEqual(
					straight
				);
			})
		);
	});

	it("combines an exclusive offer with none, and never costs more than without offers", () => {
		fc.assert(
			fc.property(basket, input => {
				const { discounts, total } = calculateQuote(input);

				const exclusive = new Set(input.offers.filter(offer => offer.exclusive).map(({ id }) => id));
				if (discounts.some(({ id }) => exclusive.has(id))) expect(discounts).toHaveLength(1);
				expect(total).toBeLessThanOrEqual(calculateQuote({ ...input, offers: [] }).total);
			})
		);
	});
});
