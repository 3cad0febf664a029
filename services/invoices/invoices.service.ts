import { collection, storeMixin } from "../../mixins/store.mixin";
import { notFound } from "../../schemas/errors/errors";
import { invoices } from "../../schemas/invoices.contract";
import { requireUserId } from "../../schemas/kit/caller";
import { service } from "../../schemas/registry";
import { fetchAmount, followRefund, issueInvoice, rejectInvoice, requestInvoice } from "./edit-invoice";
import { toStaffView, toView, type Invoice } from "./invoice.domain";
import type { Via } from "./invoices.context";

/** Owns the invoices of orders: one an order, of what was really paid. */
export default service(invoices, {
	dependencies: ["orders"],
	mixins: [
		storeMixin({
			invoices: collection<Invoice>("invoices", [
				{ keys: { orderId: 1 }, unique: true },
				{ keys: { userId: 1 } },
				{ keys: { status: 1, _id: -1 } }
			])
		})
	],

	actions: {
		request: {
			async handler(ctx) {
				const { id: orderId, ...request } = ctx.params;
				const userId = requireUserId(ctx);
				const invoice = await requestInvoice(this, ctx, { ...request, orderId, userId });
				return toView(invoice, await fetchAmount(ctx, orderId));
			}
		},
		get: {
			async handler(ctx) {
				const { id: orderId } = ctx.params;
				const invoice = await this.invoices.findOne({ orderId, userId: requireUserId(ctx) });
				if (!invoice) throw notFound("invoice", orderId);
				return toView(invoice, await fetchAmount(ctx, orderId));
			}
		},
		list: {
			async handler(ctx) {
				const { status, orderId, ...page } = ctx.params;
				const where = { ...(status && { status }), ...(orderId && { orderId }) };
				const found = await this.invoices.page(where, page);
				const items = await Promise.all(found.items.map(invoice => viewForStaff(ctx, invoice)));
				return { ...found, items };
			}
		},
		issue: {
			async handler(ctx) {
				const { id, ...issued } = ctx.params;
				return viewForStaff(ctx, await issueInvoice(this, ctx, id, issued));
			}
		},
		reject: {
			async handler(ctx) {
				const { id, reason } = ctx.params;
				return viewForStaff(ctx, await rejectInvoice(this, id, reason));
			}
		},
		exportPersonalData: {
			async handler({ params: { userId } }) {
				const found = await this.invoices.find({ userId }, { sort: { _id: -1 } });
				return { invoices: found.map(invoice => toView(invoice, 0)) };
			}
		}
	},

	events: {
		async "order.partly_refunded"(ctx) {
			await followRefund(this, ctx, ctx.params);
		},
		async "order.refunded"(ctx) {
			await followRefund(this, ctx, ctx.params);
		},
		// Issued invoices are books: their titles and numbers stay.
		async "user.closed"({ params: { userId } }) {
			await this.invoices.changeMany({ userId }, { $set: { email: "***" } });
			const personal = { userId, type: "personal" } as const;
			await this.invoices.changeMany(personal, { $set: { title: "***" } });
		}
	}
});

/** The amount of an invoice that is not issued is the order's. */
const viewForStaff = async (via: Via, invoice: Invoice) =>
	toStaffView(invoice, invoice.issued ? invoice.issued.amount : await fetchAmount(via, invoice.orderId));
