import type { InvoiceStaffView, InvoiceView } from "../../schemas/invoices.contract";

export type IssuedInvoice = {
	readonly number: string;
	readonly url: string;
	readonly amount: number;
	readonly issuedAt: Date;
};

/** The invoice of an order. Its amount is the order's until it is issued. */
export type Invoice = Pick<
	InvoiceView,
	"orderId" | "type" | "title" | "taxNo" | "email" | "status" | "reason"
> & {
	readonly _id: string;
	readonly userId: string;
	/** The invoice as it was issued; absent while it is not, and once a refund has made it wrong. */
	readonly issued?: IssuedInvoice;
	readonly replaced: readonly (IssuedInvoice & { readonly replacedAt: Date })[];
	/** Grows with every change, and with every refund of the order: the guard of each. */
	readonly version: number;
	readonly createdAt: Date;
	readonly updatedAt: Date;
};

/** The reason of an invoice that a refund made wrong. */
export const REFUNDED = "refunded";

/**
 * What a refund makes of the invoice when the order has `amount` left: an issued one of another amount is to be issued again, or
 * is void where nothing is left. Null: nothing changes but the version.
 */
export function decideAfterRefund(
	{ status, issued, replaced }: Pick<Invoice, "status" | "issued" | "replaced">,
	amount: number,
	at: Date
): Pick<Invoice, "status" | "reason" | "replaced"> | null {
	if (status === "issued" && issued && issued.amount !== amount)
		return {
			status: amount > 0 ? "requested" : "rejected",
			reason: REFUNDED,
			replaced: [...replaced, { ...issued, replacedAt: at }]
		};
	return status === "requested" && amount === 0 ? { status: "rejected", reason: REFUNDED, replaced } : null;
}

/** @param amount What the order has left, for an invoice that is not issued. */
export const toView = (invoice: Invoice, amount: number): InvoiceView => ({
	id: invoice._id,
	orderId: invoice.orderId,
	type: invoice.type,
	title: invoice.title,
	taxNo: invoice.taxNo,
	email: invoice.email,
	amount: invoice.issued?.amount ?? amount,
	status: invoice.status,
	number: invoice.issued?.number ?? null,
	url: invoice.issued?.url ?? null,
	reason: invoice.reason,
	replaced: invoice.replaced.map(({ number, url, amount: was, issuedAt, replacedAt }) => ({
		number,
		url,
		amount: was,
		issuedAt: issuedAt.toISOString(),
		replacedAt: replacedAt.toISOString()
	})),
	createdAt: invoice.createdAt.toISOString(),
	updatedAt: invoice.updatedAt.toISOString()
});

export const toStaffView = (invoice: Invoice, amount: number): InvoiceStaffView => ({
	...toView(invoice, amount),
	userId: invoice.userId
});
