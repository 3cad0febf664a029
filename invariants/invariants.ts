import { findUnhandledFacts } from "./fact.invariants";
import type { InvariantsContext } from "./invariants.context";
import { findCouponViolations, findPaymentViolations, findSumViolations } from "./money.invariants";
import { findBrokenPromises, findIllegalTransitions, findOverdueOrders } from "./order.invariants";
import { findStockViolations } from "./stock.invariants";

/** A rule that always holds for the stored data of the shop, and its check. */
export type Invariant = {
	readonly name: string;
	readonly says: string;
	/** Resolves with a line of text for each violation. */
	violations: (context: InvariantsContext) => Promise<string[]>;
};

export const INVARIANTS: readonly Invariant[] = [
	{
		name: "I1",
		says: "stock, reservations and ledger agree, nothing below 0",
		violations: findStockViolations
	},
	{
		name: "I2",
		says: "money that came belongs to one order or went back",
		violations: findPaymentViolations
	},
	{
		name: "I3",
		says: "no order waits past its deadline, or holds stock it should not",
		violations: findOverdueOrders
	},
	{
		name: "I4",
		says: "no fact waits in an outbox or queue, no dead letters",
		violations: findUnhandledFacts
	},
	{ name: "I5", says: "a coupon pays for one live order at most", violations: findCouponViolations },
	{ name: "I6", says: "what clients were told is stored", violations: findBrokenPromises },
	{ name: "I7", says: "totals and shares sum exactly", violations: findSumViolations },
	{ name: "I8", says: "orders made legal moves only", violations: findIllegalTransitions }
];
