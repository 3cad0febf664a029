import type { AfterSaleItem, AfterSaleStatus, AfterSaleType } from "../../schemas/after-sales.contract";
import type { Demand } from "../../schemas/values/demand";

export type TimelineEntry = {
	readonly from: AfterSaleStatus;
	readonly to: AfterSaleStatus;
	readonly event: AfterSaleEvent;
	readonly by: string;
	readonly at: Date;
	readonly reason: string | null;
};
export type Parcel = { readonly carrier: string; readonly trackingNo: string; readonly sentAt: Date };

/** A buyer's case about units of one order. The order holds the units for it, under the case's id. */
export type AfterSale = {
	readonly _id: string;
	/** The case's number for people. */
	readonly afterSaleNo: string;
	readonly orderId: string;
	readonly orderNo: string;
	readonly userId: string;
	readonly type: AfterSaleType;
	readonly status: AfterSaleStatus;
	/** `<userId>:<idempotency key>`, unique. Removed when the case could not be opened: the key is free again then. */
	readonly key?: string;
	/** Hash of the request under that key. */
	readonly fingerprint: string;
	readonly items: readonly AfterSaleItem[];
	/** None of the units had been sent when they were claimed. */
	readonly unsent: boolean;
	readonly reason: string;
	readonly description: string | null;
	readonly images: readonly string[];
	readonly exchangeSkuId: string | null;
	/** Fen that are to be refunded, or were. */
	readonly amount: number;
	/** The amount was chosen, by the buyer or by staff; else it is the most that the units can get at the time. */
	readonly amountChosen: boolean;
	/** The member of staff who agreed to a refund that needs a second one to agree, until the case's next step. */
	readonly agreedBy?: string;
	/** Fen to which `agreedBy` agreed. */
	readonly agreedAmount?: number;
	/** Number of refunds that were requested; each but the last one failed. */
	readonly attempts: number;
	readonly refundRequestedAt?: Date;
	readonly refundedAt?: Date;
	/** Why the last refund failed. */
	readonly failureReason?: string;
	/** The reservation of the units that an exchange sends. */
	readonly reservationId?: string;
	readonly returnShipment?: Parcel;
	readonly shipment?: Parcel;
	/** Returned units that are fit to sell. */
	readonly restocked: readonly Demand[];
	readonly timeline: readonly TimelineEntry[];
	/** Time at which the sweep does the work that is due in the present status. */
	readonly deadline?: Date;
	readonly createdAt: Date;
	readonly updatedAt: Date;
};

type Step = { readonly from: readonly AfterSaleStatus[]; readonly to: readonly AfterSaleStatus[] };

/** Every legal transition, by its event; all others are refused. */
export const TRANSITIONS = {
	requested: { from: ["creating"], to: ["requested"] },
	approved: { from: ["requested"], to: ["approved"] },
	rejected: { from: ["requested", "approved", "returned"], to: ["rejected"] },
	/** By the buyer. */
	withdrawn: { from: ["requested", "approved"], to: ["cancelled"] },
	/** The goods were not sent back in time. */
	expired: { from: ["approved"], to: ["cancelled"] },
	/** The money of the whole order was sent back otherwise. */
	order_refunded: { from: ["requested", "approved", "returned"], to: ["cancelled"] },
	received: { from: ["approved"], to: ["returned"] },
	refund_requested: { from: ["approved", "returned"], to: ["refunding"] },
	refunded: { from: ["refunding"], to: ["refunded"] },
	refund_failed: { from: ["refunding"], to: ["approved", "returned"] },
	reshipped: { from: ["returned"], to: ["reshipped"] },
	delivered: { from: ["reshipped"], to: ["completed"] },
	/** Nothing told of a delivery for so long that the goods must have arrived. */
	auto_received: { from: ["reshipped"], to: ["completed"] }
} as const satisfies Readonly<Record<string, Step>>;
export type AfterSaleEvent = keyof typeof TRANSITIONS;

export const canTransition = (event: AfterSaleEvent, from: AfterSaleStatus, to: AfterSaleStatus): boolean => {
	const step: Step = TRANSITIONS[event];
	return step.from.includes(from) && step.to.includes(to);
};

/** Statuses to which a case can go on. */
export const listNextStatuses = (status: AfterSaleStatus): AfterSaleStatus[] => [
	...new Set(
		Object.values(TRANSITIONS)
			.filter(({ from }: Step) => from.includes(status))
			.flatMap(({ to }): readonly AfterSaleStatus[] => to)
	)
];

/** Statuses of cases that are not over: their buyer can't close the account. */
export const OPEN_STATUSES = [
	...new Set(Object.values(TRANSITIONS).flatMap(({ from }): readonly AfterSaleStatus[] => from))
];
/** Statuses of the cases that clients see. */
export const VISIBLE_STATUSES = [
	...new Set(Object.values(TRANSITIONS).flatMap(({ to }): readonly AfterSaleStatus[] => to))
];

export type Transition = {
	readonly to: AfterSaleStatus;
	readonly event: AfterSaleEvent;
	readonly by: string;
	readonly reason?: string | undefined;
	/** Other fields that change in the same write. */
	readonly set?: Partial<AfterSale>;
	/** `AfterSale.deadline` in the new status. */
	readonly deadline?: Date;
};

/** The update of a transition: sets the status and the deadline, adds to the timeline, and ends what one of two people agreed to. */
export function buildTransitionUpdate(
	{ status: from }: AfterSale,
	{ to, event, by, reason, set, deadline }: Transition,
	at: Date
) {
	const entry: TimelineEntry = { from, to, event, by, at, reason: reason ?? null };
	return {
		$set: { ...set, status: to, updatedAt: at, ...(deadline && { deadline }) },
		$push: { timeline: entry },
		$unset: { agreedBy: "", agreedAmount: "", ...(!deadline && { deadline: "" }) }
	};
}

/** The status from which a case's money is requested, and to which it returns when the refund fails. */
export const refundsFrom = ({ type }: Pick<AfterSale, "type">): "approved" | "returned" =>
	type === "return" ? "returned" : "approved";

/** Whether staff's approval requests a refund: the first one, or one more after a refund that failed. */
export const isRefundDue = ({ type, status }: Pick<AfterSale, "type" | "status">): boolean =>
	type !== "exchange" && status === refundsFrom({ type });

/** Whether the buyer may still withdraw the case: nothing was sent back, and no refund has begun. */
export const canWithdraw = ({ type, status, returnShipment, attempts }: AfterSale): boolean =>
	status === "requested" ||
	(status === "approved" && !returnShipment && (type !== "refund" || attempts > 0));

/** Units of the SKU in the case, over all of its lines. */
export const countUnits = ({ items }: Pick<AfterSale, "items">, skuId: string): number =>
	items.reduce((sum, item) => sum + (item.skuId === skuId ? item.quantity : 0), 0);
