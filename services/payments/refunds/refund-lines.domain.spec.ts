import fc from "fast-check";
import { coversSelection, chooseUnits, type PaidLines } from "./refund-lines.domain";

const sold: PaidLines = { lines: [{ skuId: "tea-1", quantity: 3, amount: 1000 }], shippingFee: 800 };
const want = (quantity: number, shipping = false) => ({ items: [{ skuId: "tea-1", quantity }], shipping });

it("takes units that are left, at what each of them cost", () => {
	expect(chooseUnits(sold, ["tea-1#0"], want(2, true))).toEqual({
		units: ["tea-1#1", "tea-1#2", "shipping"],
		lines: [{ skuId: "tea-1", quantity: 2, amount: 666 }],
		shipping: 800,
		amount: 1466
	});
});

it.each([
	["units that are gone", ["tea-1#2"], want(3)],
	["what was never sold", [], { items: [{ skuId: "cup-1", quantity: 1 }], shipping: false }],
	["the fee twice", ["shipping"], want(1, true)]
])("refuses %s", (_, taken, wanted) => {
	expect(() => chooseUnits(sold, taken, wanted)).toThrow(
		expect.objectContaining({ type: "REFUND_EXCEEDS_PAID" })
	);
});

it("tells its own part from another", () => {
	const part = chooseUnits(sold, [], want(2, true));

	expect([
		coversSelection(part, want(2, true)),
		coversSelection(part, want(2)),
		coversSelection(part, want(1, true))
	]).toEqual([true, false, false]);
});

it("sends back each fen once, in whatever parts and order", () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 0, max: 100_000 }),
			fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 }),
			(amount, parts) => {
				const quantity = parts.reduce((total, part) => total + part, 0);
				const all: PaidLines = { lines: [{ skuId: "s-1", quantity, amount }], shippingFee: 0 };
				let taken: readonly string[] = [];
				let back = 0;
				for (const units of parts) {
					const part = chooseUnits(all, taken, {
						items: [{ skuId: "s-1", quantity: units }],
						shipping: false
					});
					taken = [...taken, ...part.units];
					back += part.amount;
				}
				expect(back).toBe(amount);
				expect(new Set(taken).size).toBe(quantity);
			}
		)
	);
});
