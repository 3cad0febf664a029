import { action, contract, event } from "./kit/contract";
import { personalDataActions } from "./kit/personal-data";
import * as r from "./kit/rules";
import { line, prose, url } from "./kit/text-rules";
import { email } from "./users.contract";

/** An invoice that a refund made wrong: it is to be cancelled, and another one takes its place. */
const replaced = r.obj({
	number: r.str(),
	url: r.str(),
	amount: r.fenSum(),
	issuedAt: r.time(),
	replacedAt: r.time()
});
const fields = {
	id: r.id(),
	orderId: r.id(),
	type: r.oneOf("personal", "company"),
	title: r.personal(r.str()),
	taxNo: r.personal(r.orNull(r.str())),
	email: r.personal(r.str()),
	/** What was really paid: the order's total less its refunds; of an issued one, at that time. */
	amount: r.fenSum(),
	/** A refund makes an issued invoice `requested` again, or `rejected` where nothing is left. */
	status: r.oneOf("requested", "issued", "rejected"),
	number: r.orNull(r.str()),
	url: r.orNull(r.str()),
	/** Why the invoice was rejected, or is requested once more. */
	reason: r.orNull(r.str()),
	replaced: r.list(replaced),
	createdAt: r.time(),
	updatedAt: r.time()
};
const view = r.obj(fields);
export type InvoiceView = r.TypeOf<typeof view>;
const staffView = r.obj({ ...fields, userId: r.id() });
export type InvoiceStaffView = r.TypeOf<typeof staffView>;

const byId = { id: r.id() };
const SUPPORT = ["support"] as const;

export const invoices = contract("invoices", {
	...personalDataActions,
	request: action({
		...byId,
		type: fields.type,
		title: r.personal(line({ max: 100 })),
		/** Required for a company: 15 to 20 capitals and digits. */
		taxNo: r.personal(r.opt(r.str({ min: 15, max: 20, pattern: /^[0-9A-Z]+$/ }))),
		email
	})
		.returns(view)
		.rest("POST /orders/:id/invoice", "user", "Ask for the invoice of a paid order, once an order", {
			status: 201,
			errors: ["NOT_FOUND", "INVALID_STATE", "DUPLICATE"]
		}),
	get: action(byId)
		.returns(view)
		.rest("GET /orders/:id/invoice", "user", "The invoice of an own order", { errors: ["NOT_FOUND"] }),
	list: action({ ...r.cursorPaging, status: r.opt(fields.status), orderId: r.opt(r.id()) })
		.returns(r.pageOf(staffView))
		.rest("GET /admin/invoices", SUPPORT, "Invoices, the last asked for first", { audited: true }),
	issue: action({ ...byId, number: line({ max: 50 }), url: url() })
		.returns(staffView)
		.rest("POST /admin/invoices/:id/issue", SUPPORT, "Issue an invoice of the amount that is paid now", {
			errors: ["NOT_FOUND", "INVALID_STATE"]
		}),
	reject: action({ ...byId, reason: prose({ max: 200 }) })
		.returns(staffView)
		.rest("POST /admin/invoices/:id/reject", SUPPORT, "Refuse an invoice; its buyer may ask again", {
			errors: ["NOT_FOUND", "INVALID_STATE"]
		})
});

const invoiceOfUser = { invoiceId: r.id(), orderId: r.id(), userId: r.id() };
const BUYER = { user: "userId" } as const;
export const invoiceEvents = {
	/** `again`: a refund made the issued one wrong. */
	"invoice.requested": event({ ...invoiceOfUser, again: r.bool() }).means(
		"A buyer asked for an invoice, or a refund made the issued one wrong",
		BUYER
	),
	"invoice.issued": event({ ...invoiceOfUser, number: r.str(), amount: r.fenSum() }).means(
		"An invoice was issued",
		BUYER
	),
	"invoice.rejected": event({ ...invoiceOfUser, reason: r.str() }).means(
		"Staff refused an invoice, or nothing of its order is left",
		BUYER
	)
};
