import { action, contract, event } from "./kit/contract";
import { personalDataActions } from "./kit/personal-data";
import * as r from "./kit/rules";
import { line } from "./kit/text-rules";
import { couponTerms, offerAudience, offerScope } from "./promotions.contract";

const couponType = r.oneOf("fixed", "percent", "free_shipping");
export type CouponType = r.TypeOf<typeof couponType>;
const count = () => r.int({ min: 1, max: 100_000_000 });
const days = () => r.int({ min: 1, max: 3650 });
const name = () => line({ max: 80 });
const terms = {
	value: r.opt(r.orNull(r.fen())),
	maxDiscount: r.opt(r.orNull(r.fen({ min: 1 }))),
	threshold: r.opt(r.fen()),
	/** Coupons are good from `validFrom` (default: their claim) to `validTo`, or for `validDays` from their claim. */
	validFrom: r.opt(r.orNull(r.time())),
	validTo: r.opt(r.orNull(r.time())),
	validDays: r.opt(r.orNull(days())),
	public: r.opt(r.bool()),
	audience: r.opt(r.orNull(offerAudience))
};
const newTemplate = {
	name: name(),
	type: couponType,
	scope: offerScope,
	total: count(),
	perUser: r.int({ min: 1, max: 1000 }),
	claimFrom: r.time(),
	claimTo: r.time(),
	...terms
};
export type NewTemplate = r.FieldsOf<typeof newTemplate>;
const patch = {
	name: r.opt(name()),
	type: r.opt(couponType),
	scope: r.opt(offerScope),
	total: r.opt(count()),
	perUser: r.opt(r.int({ min: 1, max: 1000 })),
	claimFrom: r.opt(r.time()),
	claimTo: r.opt(r.time()),
	...terms
};
export type TemplatePatch = r.FieldsOf<typeof patch>;
const shown = {
	id: r.id(),
	name: r.str(),
	type: couponType,
	value: r.orNull(r.fen()),
	maxDiscount: r.orNull(r.fen()),
	threshold: r.fen(),
	scope: offerScope,
	total: r.int(),
	perUser: r.int(),
	claimFrom: r.time(),
	claimTo: r.time(),
	validFrom: r.orNull(r.time()),
	validTo: r.orNull(r.time()),
	validDays: r.orNull(r.int()),
	remaining: r.int({ min: 0 })
};
const template = r.obj("CouponTemplate", {
	...shown,
	public: r.bool(),
	audience: r.orNull(offerAudience),
	createdAt: r.time(),
	updatedAt: r.time()
});
export type TemplateView = r.TypeOf<typeof template>;
/** `claimed`: how many of them the caller has. */
const claimable = r.obj("ClaimableTemplate", { ...shown, claimed: r.int({ min: 0 }) });

const couponStatus = r.oneOf("unused", "used", "expired");
const coupon = r.obj("Coupon", {
	id: r.id(),
	code: r.str(),
	templateId: r.id(),
	name: r.str(),
	type: couponType,
	value: r.orNull(r.fen()),
	maxDiscount: r.orNull(r.fen()),
	threshold: r.fen(),
	scope: offerScope,
	status: couponStatus,
	validFrom: r.time(),
	validTo: r.time()
});
export type CouponView = r.TypeOf<typeof coupon>;

const staff = ["merchandiser"] as const;
const byId = { id: r.id() };

export const coupons = contract("coupons", {
	...personalDataActions,
	/** The user's coupon with this code (null where there is none), and with `offer` the latest that can be used. */
	forQuote: action(
		{ userId: r.id(), code: r.opt(r.str({ max: 64 })), offer: r.opt(r.bool()) },
		{ repeatable: true }
	).returns(r.obj({ coupon: r.orNull(couponTerms), offered: r.list(couponTerms) })),
	/** Uses a coupon for an order, once; refuses with COUPON_UNAVAILABLE. */
	use: action(
		{ orderId: r.id(), userId: r.id(), couponId: r.id(), discount: r.fenSum() },
		{ repeatable: true }
	).returns(r.nothing),
	/** Gives the coupon back, and makes any later `use` for the order fail. */
	giveBack: action({ orderId: r.id(), couponId: r.id() }, { repeatable: true }).returns(r.nothing),

	list: action(r.cursorPaging)
		.returns(r.pageOf(template))
		.rest("GET /admin/coupon-templates", staff, "Coupon templates, newest first"),
	get: action(byId)
		.returns(template)
		.rest("GET /admin/coupon-templates/:id", staff, "One template", { errors: ["NOT_FOUND"] }),
	create: action(newTemplate)
		.returns(template)
		.rest("POST /admin/coupon-templates", staff, "Add a template", { status: 201 }),
	edit: action({ ...byId, ...patch })
		.returns(template)
		.rest(
			"PATCH /admin/coupon-templates/:id",
			staff,
			"Change a template; once claimed only `name`, `total` (up) and `claimTo`",
			{ errors: ["NOT_FOUND", "INVALID_STATE", "VERSION_CONFLICT"] }
		),
	remove: action(byId)
		.returns(r.nothing)
		.rest("DELETE /admin/coupon-templates/:id", staff, "Remove a template that was never claimed", {
			errors: ["NOT_FOUND", "IN_USE"]
		}),
	grant: action({ ...byId, userIds: r.list(r.id(), { min: 1, max: 500, unique: true }) })
		.returns(r.obj({ granted: r.int({ min: 0 }), refused: r.list(r.id()) }))
		.rest(
			"POST /admin/coupon-templates/:id/grant",
			staff,
			"Give each user a coupon; refused: past a limit",
			{
				errors: ["NOT_FOUND"]
			}
		),
	codes: action({ ...byId, count: r.int({ min: 1, max: 500 }) })
		.returns(r.list(r.str()))
		.rest("POST /admin/coupon-templates/:id/codes", staff, "Make codes to hand out", {
			status: 201,
			errors: ["NOT_FOUND", "COUPON_UNAVAILABLE"]
		}),
	stats: action(byId)
		.returns(r.obj({ claimed: r.int({ min: 0 }), used: r.int({ min: 0 }), discountTotal: r.fenSum() }))
		.rest(
			"GET /admin/coupon-templates/:id/stats",
			staff,
			"Coupons claimed and used, and what they took off",
			{
				errors: ["NOT_FOUND"]
			}
		),
	claimable: action({ ...r.paging, productId: r.opt(r.id()) })
		.returns(r.pageOf(claimable))
		.rest("GET /coupons/templates", "guest", "Coupons that can be claimed now"),
	claim: action(byId)
		.returns(coupon)
		.rest("POST /coupons/templates/:id/claim", "user", "Claim a coupon", {
			status: 201,
			errors: ["NOT_FOUND", "COUPON_UNAVAILABLE"]
		}),
	redeem: action({ code: r.str({ max: 64 }) })
		.returns(coupon)
		.rest("POST /me/coupons/redeem", "user", "Take the coupon of a code; few wrong codes an hour", {
			status: 201,
			errors: ["COUPON_UNAVAILABLE", "TOO_MANY_REQUESTS"]
		}),
	mine: action({ ...r.cursorPaging, status: r.opt(couponStatus) })
		.returns(r.pageOf(coupon))
		.rest("GET /me/coupons", "user", "Own coupons, newest first"),
	/** Adds the templates that are missing; the others stay as they are. */
	import: action(
		{ templates: r.list(r.obj({ id: r.id(), ...newTemplate }), { max: 100 }) },
		{ repeatable: true }
	).returns(r.nothing)
});

export const couponEvents = {
	"coupon.claimed": event({ couponId: r.id(), templateId: r.id(), userId: r.id() }).means(
		"A user has a new coupon"
	)
};
