import fc from "fast-check";
import type { FreightRule } from "../../schemas/shipping.contract";
import { calculateFreight, findUndeliverable, type FreightLine, type FreightTerms } from "./freight.domain";

const aLine = (skuId: string, quantity: number, more: Partial<FreightLine> = {}): FreightLine => ({
	skuId,
	quantity,
	weight: 0,
	shippingRuleId: null,
	listAmount: 1000 * quantity,
	left: 1000 * quantity,
	...more
});
const elsewhere = { provinces: [], first: 1, firstFee: 800, next: 2, nextFee: 300 };
const aRule = (more: Partial<FreightRule> = {}): FreightRule => ({
	id: "r",
	chargeBy: "piece",
	areas: [elsewhere],
	notTo: [],
	isDefault: true,
	...more
});
const terms = (rules: readonly FreightRule[], province: string | null = "浙江省"): FreightTerms => ({
	rules,
	province,
	flat: { fee: 500, freeFrom: 0 }
});

it.each([
	[1, 800],
	[2, 1100],
	[3, 1100],
	[4, 1400]
])("charges each started next for %s pieces", (pieces, fee) => {
	expect(calculateFreight([aLine("a", pieces)], terms([aRule()]))).toBe(fee);
});

it("counts the lines of one rule together, by weight, and adds up the rules", () => {
	const byWeight = aRule({
		id: "w",
		chargeBy: "weight",
		isDefault: false,
		areas: [{ provinces: [], first: 1000, firstFee: 1000, next: 500, nextFee: 200 }]
	});
	const heavy = { shippingRuleId: "w", weight: 600 };
	const lines = [aLine("a", 1, heavy), aLine("b", 1, heavy), aLine("c", 1)];

	expect(calculateFreight(lines, terms([byWeight, aRule()]))).toBe(1200 + 800);
});

it("takes the area of the province before the one for everywhere else, which also stands for no address", () => {
	const near = { provinces: ["浙江省", "上海市"], first: 1, firstFee: 100, next: 1, nextFee: 0 };
	const rules = [aRule({ areas: [elsewhere, near] })];

	const fees = ["浙江省", "西藏自治区", null].map(province =>
		calculateFreight([aLine("a", 1)], terms(rules, province))
	);

	expect(fees).toEqual([100, 800, 800]);
});

it("is free from what is left of the rule's own lines after the discounts", () => {
	const rules = [aRule({ areas: [{ ...elsewhere, freeFrom: 2000 }] })];
	const other = aLine("b", 9, { shippingRuleId: "gone" });

	expect(calculateFreight([aLine("a", 2)], terms(rules))).toBe(0);
	expect(calculateFreight([aLine("a", 2, { left: 1999 })], terms(rules))).toBe(1100);
	expect(calculateFreight([other], terms(rules))).toBe(0); // a rule that is gone: the default one
});

it("charges lines without any rule the shop's flat fee", () => {
	const named = aRule({ isDefault: false });
	const flat = { fee: 500, freeFrom: 3000 };

	expect(calculateFreight([aLine("a", 1)], { ...terms([named]), flat })).toBe(500);
	expect(calculateFreight([aLine("a", 3)], { ...terms([named]), flat })).toBe(0);
	expect(calculateFreight([aLine("a", 1, { shippingRuleId: "r" })], { ...terms([named]), flat })).toBe(800);
});

it("does not send where no area reaches, nor to the provinces that it excludes", () => {
	const onlyNear = aRule({
		id: "near",
		isDefault: false,
		areas: [{ ...elsewhere, provinces: ["浙江省"] }]
	});
	const rules = [onlyNear, aRule({ notTo: ["西藏自治区"] })];
	const lines = [aLine("a", 1, { shippingRuleId: "near" }), aLine("b", 1)];
	const skusNotSentTo = (province: string | null) => findUndeliverable(lines, terms(rules, province));

	expect(["浙江省", "北京市", "西藏自治区", null].map(skusNotSentTo)).toEqual([[], ["a"], ["a", "b"], []]);
});

it("costs no less for more units, and the same in any order of the lines", () => {
	const area = fc.record({
		provinces: fc.constant([]),
		first: fc.nat(5),
		firstFee: fc.nat(2000),
		next: fc.integer({ min: 1, max: 4 }),
		nextFee: fc.nat(500)
	});
	const line = fc.record({ quantity: fc.integer({ min: 1, max: 9 }), weight: fc.nat(3000) });
	fc.assert(
		fc.property(
			area,
			fc.array(line, { minLength: 1, maxLength: 5 }),
			fc.constantFrom("piece" as const, "weight" as const),
			(only, drawn, chargeBy) => {
				const lines = drawn.map(({ quantity, weight }, n) => aLine(`s${n}`, quantity, { weight }));
				const rules = terms([aRule({ chargeBy, areas: [only] })]);
				const more = [...lines, aLine("more", 1, { weight: 1 })];

				const fee = calculateFreight(lines, rules);

				expect(calculateFreight(lines.toReversed(), rules)).toBe(fee);
				expect(calculateFreight(more, rules)).toBeGreaterThanOrEqual(fee);
			}
		)
	);
});
