import fc from "fast-check";
import { allocateAmount, calculatePercent, isAboveThreshold, sumAmounts } from "./money";

const weights = fc
	.array(fc.nat({ max: 10_000_000_000 }), { minLength: 1, maxLength: 60 })
	.filter(all => sumAmounts(all) > 0);
const anAmount = fc.nat({ max: Number.MAX_SAFE_INTEGER });

describe("allocateAmount", () => {
	it("splits by weight and gives the odd fen to the largest remainder", () => {
		expect(allocateAmount(100, [1, 1, 1])).toEqual([34, 33, 33]);
		expect(allocateAmount(10, [1, 2, 6])).toEqual([1, 2, 7]);
		expect(allocateAmount(5, [0, 10, 0])).toEqual([0, 5, 0]);
	});

	it("sums to the amount exactly, however large", () => {
		fc.assert(
			fc.property(
				anAmount,
				weights,
				(amount, all) => sumAmounts(allocateAmount(amount, all)) === amount
			)
		);
	});

	it("keeps every share within one fen of its exact proportion", () => {
		fc.assert(
			fc.property(anAmount, weights, (amount, all) => {
				const whole = BigInt(sumAmounts(all));

				const shares = allocateAmount(amount, all);

				shares.forEach((share, i) => {
					const off = BigInt(share) * whole - BigInt(amount) * BigInt(all[i] ?? 0);
					expect(off > -whole && off < whole).toBe(true);
				});
			})
		);
	});

	it("never gives a share more than its weight while the weights cover the amount", () => {
		const covered = weights.chain(all => fc.tuple(fc.nat({ max: sumAmounts(all) }), fc.constant(all)));

		fc.assert(
			fc.property(covered, ([amount, all]) =>
				allocateAmount(amount, all).every((share, i) => share <= (all[i] ?? 0))
			)
		);
	});

	it("gives nothing to a weight of 0", () => {
		fc.assert(
			fc.property(anAmount, weights, (amount, all) =>
				allocateAmount(amount, all).every((share, i) => all[i] !== 0 || share === 0)
			)
		);
	});

	it("splits 0 into zeros, even among weights of 0", () => {
		expect(allocateAmount(0, [0, 0])).toEqual([0, 0]);
		expect(allocateAmount(0, [])).toEqual([]);
	});

	it.each([
		["an amount without anybody to bear it", 1, [0, 0]],
		["an amount among nobody", 1, []],
		["a negative amount", -1, [1]],
		["a fraction of a fen", 0.5, [1]],
		["a negative weight", 1, [2, -1]],
		["what is no number", Number.NaN, [1]]
	])("refuses %s", (_, amount, all) => {
		expect(() => allocateAmount(amount, all)).toThrow(RangeError);
	});
});

describe("calculatePercent", () => {
	it("rounds half a fen up", () => {
		expect([
			calculatePercent(9990, 10),
			calculatePercent(105, 10),
			calculatePercent(104, 10),
			calculatePercent(999, 100)
		]).toEqual([999, 11, 10, 999]);
	});
});

it.each([
	["no threshold", 1_000_000, 0, false],
	["less than the threshold", 499, 500, false],
	["the threshold itself", 500, 500, false],
	["a fen more", 501, 500, true]
])("tells what is above a threshold: %s", (_, amount, threshold, above) => {
	expect(isAboveThreshold(amount, threshold)).toBe(above);
});
