import { findCaseRefundViolations, findClaimMismatches } from "./after-sale.invariants";
import { checkOrders } from "./check-orders";
import { findUnhandledFacts } from "./fact.invariants";
import type { InvariantsContext } from "./invariants.context";
import {
	findClaimViolations,
	findIdleCoupons,
	findPointsViolations,
	findPromotionViolations
} from "./offer.invariants";
import { findParcelViolations } from "./parcel.invariants";
import { findPaymentViolations } from "./payment.invariants";
import { findLostDocuments } from "./promise.invariants";
import { findReviewViolations } from "./review.invariants";
import { findStockViolations } from "./stock.invariants";

/** A rule that always holds for the stored data of the shop, and its check. */
export type Invariant = {
	readonly name: string;
	readonly says: string;
	/**
	 * The data that shows a violation. `documents`: any document, with what it refers to, so that the shop can be checked slice by
	 * slice. `waiting`: indexes of what waits, at once. `sums` over collections (of so many documents), which can only be read
	 * as a whole.
	 */
	readonly reads: "documents" | "waiting" | { readonly sums: readonly string[] };
	/** Resolves with a line of text for each violation. */
	violations: (context: InvariantsContext) => Promise<string[]>;
};

export const INVARIANTS: readonly Invariant[] = [
	{
		name: "I1",
		says: "stock, reservations and ledger agree, nothing below 0",
		reads: "documents",
		violations: findStockViolations
	},
	{
		name: "I2",
		says: "received money pays for one order or was refunded",
		reads: "documents",
		violations: findPaymentViolations
	},
	{
		name: "I3",
		says: "no order is overdue or holds stock wrongly",
		reads: "documents",
		violations: async context => (await checkOrders(context)).deadlines
	},
	{
		name: "I4",
		says: "no fact waits unpublished or unhandled, no dead letters",
		reads: "waiting",
		violations: findUnhandledFacts
	},
	{
		name: "I5",
		says: "a coupon is used by one live order at most",
		reads: "documents",
		violations: async context => [
			...(await checkOrders(context)).coupons,
			...(await findIdleCoupons(context))
		]
	},
	{
		name: "I6",
		says: "every order and payment that a document or an answer names is stored",
		reads: "documents",
		violations: findLostDocuments
	},
	{
		name: "I7",
		says: "totals and shares sum exactly",
		reads: "documents",
		violations: async context => (await checkOrders(context)).sums
	},
	{
		name: "I8",
		says: "orders made legal transitions only",
		reads: "documents",
		violations: async context => (await checkOrders(context)).transitions
	},
	{
		name: "I9",
		says: "no more coupons are claimed than a template and a user may have",
		reads: { sums: ["coupons", "coupon_holds"] },
		violations: findClaimViolations
	},
	{
		name: "I10",
		says: "orders took no more of a promotion than its stock",
		reads: { sums: ["orders", "promotion_holds"] },
		violations: findPromotionViolations
	},
	{
		name: "I11",
		says: "a balance of points is the sum of its log, not below 0",
		reads: "documents",
		violations: findPointsViolations
	},
	{
		name: "I12",
		says: "the summary of a product is what its visible reviews sum to",
		reads: "documents",
		violations: findReviewViolations
	},
	{
		name: "I13",
		says: "no unit of an order is claimed, given back or sent twice",
		reads: "documents",
		violations: findClaimMismatches
	},
	{
		name: "I14",
		says: "a refunded case has exactly one refund, of just its amount",
		reads: "documents",
		violations: findCaseRefundViolations
	},
	{
		name: "I15",
		says: "parcels hold just the units that orders count as sent",
		reads: "documents",
		violations: findParcelViolations
	}
];
