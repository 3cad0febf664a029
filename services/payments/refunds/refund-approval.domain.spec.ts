import { isAboveThreshold } from "./refund-approval.domain";

it.each([
	["no threshold", 0, 1_000_000, 0, false],
	["the threshold itself", 0, 500, 500, false],
	["a fen more", 0, 501, 500, true],
	["a part that reaches it with the parts before", 300, 200, 500, false],
	["a part that exceeds it with the parts before", 300, 201, 500, true]
])("counts what was refunded before: %s", (_, refundReserved, amount, threshold, above) => {
	expect(isAboveThreshold({ refundReserved }, amount, threshold)).toBe(above);
});
