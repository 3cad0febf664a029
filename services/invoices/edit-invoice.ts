import { invalid, invalidFields, invalidState, Refusal } from "../../schemas/errors/errors";
import type { invoices } from "../../schemas/invoices.contract";
import type { ActionsOf, PayloadOf } from "../../schemas/kit/contract";
import { call, fact } from "../../schemas/registry";
import { newId } from "../../schemas/values/new-id";
import { decideAfterRefund, type Invoice, type IssuedInvoice } from "./invoice.domain";
import type { InvoicesContext, Via } from "./invoices.context";

type Context = Pick<InvoicesContext, "invoices">;
type Request = Omit<PayloadOf<ActionsOf<typeof invoices>["invoices.request"]>, "id">;

/** What an order has left of its total after its refunds. */
export const fetchAmount = async (via: Via, orderId: string): Promise<number> =>
	(await call(via, "orders.paidAmount", { orderId })).amount;

/** Asks for the invoice of an order, once: refuses with DUPLICATE. A rejected one may be asked for again. */
export async function requestInvoice(
	{ invoices }: Context,
	via: Via,
	{ orderId, userId, ...request }: Request & Pick<Invoice, "orderId" | "userId">
): Promise<Invoice> {
	const { type, title, email } = request;
	const taxNo = request.taxNo ?? null;
	if (type === "company" && taxNo === null) throw invalidFields([{ field: "taxNo", type: "required" }]);
	if (type === "personal" && taxNo !== null) throw invalid("taxNo", "notForType");
	const order = await call(via, "orders.paidAmount", { orderId, userId });
	if (!order.paid || order.amount === 0) throw nothingToInvoice(orderId, order.status);
	const at = new Date();
	const asked = { type, title, taxNo, email, status: "requested", reason: null } as const;
	const draft: Invoice = {
		_id: newId(),
		orderId,
		userId,
		...asked,
		replaced: [],
		version: 0,
		createdAt: at,
		updatedAt: at
	};
	const stored = await invoices.insertOnce(draft, { orderId }, requested(draft, false));
	if (stored === draft) return draft;
	const again = await invoices.change(
		{ _id: stored._id, status: "rejected" },
		{ $set: { ...asked, updatedAt: at }, $inc: { version: 1 } },
		[requested(stored, false)]
	);
	if (again) return again;
	throw new Refusal("DUPLICATE", "The invoice of this order was asked for before", {
		field: "orderId",
		id: stored._id
	});
}

const identify = ({ _id: invoiceId, orderId, userId }: Invoice) => ({ invoiceId, orderId, userId });
const requested = (invoice: Invoice, again: boolean) =>
	fact("invoice.requested", { ...identify(invoice), again });

const mustBeRequested = ({ _id: id, status }: Invoice): void => {
	if (status !== "requested")
		throw invalidState("Only an invoice that is asked for can be decided", {
			id,
			state: status,
			allowed: status === "rejected" ? ["requested"] : []
		});
};

const nothingToInvoice = (id: string, state: string) =>
	invalidState("There is nothing to invoice", { id, state, allowed: [] });

/**
 * Issues an invoice of what the order has left. The amount is read after the invoice's version, which a refund raises too: an
 * amount that a refund has overtaken is read again.
 */
export const issueInvoice = (
	{ invoices }: Context,
	via: Via,
	id: string,
	{ number, url }: Pick<IssuedInvoice, "number" | "url">
): Promise<Invoice> =>
	invoices.rewrite(id, async invoice => {
		mustBeRequested(invoice);
		const { version } = invoice;
		const amount = await fetchAmount(via, invoice.orderId);
		if (amount === 0) throw nothingToInvoice(id, invoice.status);
		const issuedAt = new Date();
		const issued = { number, url, amount, issuedAt };
		return {
			guard: { version },
			update: {
				$set: { status: "issued", reason: null, issued, version: version + 1, updatedAt: issuedAt }
			},
			facts: [fact("invoice.issued", { ...identify(invoice), number, amount })]
		};
	});

export const rejectInvoice = ({ invoices }: Context, id: string, reason: string): Promise<Invoice> =>
	invoices.rewrite(id, invoice => {
		mustBeRequested(invoice);
		const { version } = invoice;
		return {
			guard: { version },
			update: { $set: { status: "rejected", reason, version: version + 1, updatedAt: new Date() } },
			facts: [fact("invoice.rejected", { ...identify(invoice), reason })]
		};
	});

/** Follows a refund of the order: an invoice whose amount is wrong now is to be issued again. */
export async function followRefund(
	{ invoices }: Context,
	via: Via,
	{ orderId }: { readonly orderId: string }
): Promise<void> {
	const found = await invoices.findOne({ orderId }, { fields: ["_id"] });
	if (!found) return;
	await invoices.rewrite(found._id, async invoice => {
		const { version } = invoice;
		const at = new Date();
		const changed = decideAfterRefund(invoice, await fetchAmount(via, orderId), at);
		const raised = { version: version + 1 };
		if (!changed) return { guard: { version }, update: { $set: raised } };
		const { status, reason } = changed;
		return {
			guard: { version },
			update: { $set: { ...changed, ...raised, updatedAt: at }, $unset: { issued: "" } },
			facts: [
				status === "requested"
					? requested(invoice, true)
					: fact("invoice.rejected", { ...identify(invoice), reason: reason ?? "" })
			]
		};
	});
}
