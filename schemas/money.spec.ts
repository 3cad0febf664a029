import fc from "fast-check";
import { allocate, format, percentOf, sum } from "./money";

const weights = fc
	.array(fc.nat({ max: 10_000_000_000 }), { minLength: 1, maxLength: 60 })
	.filter(all => sum(all) > 0);
const anAmount = fc.nat({ max: Number.MAX_SAFE_INTEGER });

describe("allocate", () => {
	it("splits by weight and gives the odd fen to the largest remainder", () => {
		expect(allocate(100, [1, 1, 1])).toEqual([34, 33, 33]);
		expect(allocate(10, [1, 2, 6])).toEqual([1, 2, 7]);
		expect(allocate(5, [0, 10, 0])).toEqual([0, 5, 0]);
	});

	it("sums to the amount exactly, however large", () => {
		fc.assert(fc.property(anAmount, weights, (amount, all) => sum(allocate(amount, all)) === amount));
	});

	it("keeps every share within one fen of its exact proportion", () => {
		fc.assert(
			fc.property(anAmount, weights, (amount, all) => {
				const whole = BigInt(sum(all));

				const shares = allocate(amount, all);

				shares.forEach((share, i) => {
					const off = BigInt(share) * whole - BigInt(amount) * BigInt(all[i] ?? 0);
					expect(off > -whole && off < whole).toBe(true);
				});
			})
		);
	});

	it("never gives a share more than its weight while the weights cover the amount", () => {
		const covered = weights.chain(all => fc.tuple(fc.nat({ max: sum(all) }), fc.constant(all)));

		fc.assert(
			fc.property(covered, ([amount, all]) =>
				allocate(amount, all).every((share, i) => share <= (all[i] ?? 0))
			)
		);
	});

	it("gives nothing to who weighs nothing", () => {
		fc.assert(
			fc.property(anAmount, weights, (amount, all) =>
				allocate(amount, all).every((share, i) => all[i] !== 0 || share === 0)
			)
		);
	});

	it("splits nothing into nothing, even among the weightless", () => {
		expect(allocate(0, [0, 0])).toEqual([0, 0]);
		expect(allocate(0, [])).toEqual([]);
	});

	it.each([
		["an amount without anybody to bear it", 1, [0, 0]],
		["an amount among nobody", 1, []],
		["a negative amount", -1, [1]],
		["a fraction of a fen", 0.5, [1]],
		["a negative weight", 1, [2, -1]],
		["what is no number", Number.NaN, [1]]
	])("refuses %s", (_, amount, all) => {
		expect(() => allocate(amount, all)).toThrow(RangeError);
	});
});

describe("percentOf", () => {
	it("rounds half a fen up", () => {
		expect([percentOf(9990, 10), percentOf(105, 10), percentOf(104, 10), percentOf(999, 100)]).toEqual([
			999, 11, 10, 999
		]);
	});
});

describe("format", () => {
	it.each([
		[123456, "CNY", "zh-CN", "¥1,234.56"],
		[123456, "CNY", "en", "CN¥1,234.56"],
		[5, "CNY", "zh-CN", "¥0.05"],
		[0, "CNY", "zh-CN", "¥0.00"],
		[500, "JPY", "en", "¥500"]
	])("writes %d of %s in %s as %s", (amount, currency, locale, text) => {
		expect(format(amount, currency, locale)).toBe(text);
	});
});
