import { calculateShippingFee } from "./fee.domain";

it.each([
	["is the fee while the items cost less", 9_899, 9_900, 800],
	["is nothing from the limit on", 9_900, 9_900, 0],
	["is the fee at any total when there is no limit", 1_000_000, 0, 800]
])("%s", (_, itemsTotal, freeFrom, expected) => {
	expect(calculateShippingFee(itemsTotal, { fee: 800, freeFrom })).toBe(expected);
});
