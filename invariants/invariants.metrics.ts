import { gauge, OPEN } from "../schemas/kit/metric";

export const VIOLATIONS = gauge({
	name: "mall_invariant_violations",
	description: "Violations of the invariant that two checks in a row found, 1000 at most",
	labels: { invariant: OPEN }
});
export const CHECK_ENDED = gauge({
	name: "mall_invariant_check_ended_timestamp_seconds",
	description: "When the last check of the invariants ended"
});
export const CHECK_DURATION = gauge({
	name: "mall_invariant_check_duration_seconds",
	description: "How long the last check of the invariants took"
});
export const HELD_OUT = gauge({
	name: "mall_stock_held_out_skus",
	description: "SKUs that nobody can buy only because unpaid orders hold their last units"
});
export const STOCK_UNITS = gauge({
	name: "mall_stock_units",
	description: "Units of all SKUs, by where they are: available, reserved for unpaid orders, sold",
	labels: { state: ["available", "reserved", "sold"] }
});
