import type { RefundApprovalView } from "../../../schemas/payments.contract";

/** Units of an order, and its shipping fee. */
export type RefundSelection = {
	readonly items: readonly { readonly skuId: string; readonly quantity: number }[];
	readonly shipping: boolean;
};

export type StaffRefundRequest = RefundSelection & {
	/** A bare amount; null for a refund of units and the shipping fee. */
	readonly bareAmount: number | null;
	readonly reason: string;
};

/** A refund by staff that waits for a second person, or did. */
export type RefundApproval = {
	/** The refund's purpose, from which its number at the channel follows. */
	readonly _id: string;
	readonly paymentId: string;
	readonly orderId: string;
	/** Fen, as computed when the refund was requested. */
	readonly amount: number;
	readonly request: StaffRefundRequest;
	/** `approved`: the second person agreed, and the refund is about to be made; `done` once it is stored. */
	readonly status: "waiting" | "approved" | "done" | "rejected" | "failed";
	readonly requestedBy: string;
	readonly requestedAt: Date;
	readonly decidedBy: string | null;
	readonly decidedAt: Date | null;
	/** Why the second person rejected the refund, or why an approved one could not be made. */
	readonly note: string | null;
};

export const toApprovalView = (approval: RefundApproval): RefundApprovalView => ({
	id: approval._id,
	kind: "refund",
	paymentId: approval.paymentId,
	orderId: approval.orderId,
	amount: approval.amount,
	items: [...approval.request.items],
	shipping: approval.request.shipping,
	reason: approval.request.reason,
	status: approval.status,
	requestedBy: approval.requestedBy,
	requestedAt: approval.requestedAt.toISOString(),
	decidedBy: approval.decidedBy,
	decidedAt: approval.decidedAt?.toISOString() ?? null,
	note: approval.note
});
