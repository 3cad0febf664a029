import { action, contract, event } from "./kit/contract";
import * as r from "./kit/rules";
import { line } from "./kit/text-rules";

export const PROMOTION_TYPES = [
	"price_off",
	"percent_off",
	"amount_off",
	"units_off",
	"gift",
	"free_shipping",
	"flash_sale"
] as const;
export type PromotionType = (typeof PROMOTION_TYPES)[number];
export const promotionType = r.oneOf(...PROMOTION_TYPES);

const ids = () => r.opt(r.list(r.id(), { max: 500, unique: true }));
const scopeLists = {
	all: r.opt(r.bool()),
	categoryIds: ids(),
	brandIds: ids(),
	productIds: ids(),
	skuIds: ids()
};
/** A union of lists, categories with all below them, less what `not` names. */
export const offerScope = r.obj("Scope", { ...scopeLists, not: r.opt(r.obj(scopeLists)) });
export type OfferScope = r.TypeOf<typeof offerScope>;
/** Buyers an offer is for: of any of the member levels; `newUsers`: of whose orders none was ever paid. */
export const offerAudience = r.obj("Audience", {
	levelIds: r.opt(r.list(r.id(), { max: 50, unique: true })),
	newUsers: r.opt(r.bool())
});

const tier = r.obj("Tier", { threshold: r.fen({ min: 1 }), value: r.fen({ min: 1 }) });
const gift = r.obj("Gift", { skuId: r.id(), quantity: r.quantity() });
const units = () => r.int({ min: 1, max: 1_000_000 });

const terms = {
	label: r.opt(r.orNull(line({ max: 40 }))),
	threshold: r.opt(r.orNull(r.fen())),
	thresholdUnits: r.opt(r.orNull(units())),
	value: r.opt(r.orNull(r.fen())),
	tiers: r.opt(r.orNull(r.list(tier, { max: 20 }))),
	repeat: r.opt(r.bool()),
	gift: r.opt(r.orNull(gift)),
	audience: r.opt(r.orNull(offerAudience)),
	priority: r.opt(r.int({ min: -1_000_000, max: 1_000_000 })),
	exclusive: r.opt(r.bool()),
	limitPerUser: r.opt(r.orNull(units())),
	stock: r.opt(r.orNull(r.int({ min: 0, max: 100_000_000 }))),
	enabled: r.opt(r.bool())
};
const name = () => line({ max: 80 });
const newPromotion = {
	name: name(),
	type: promotionType,
	scope: offerScope,
	startsAt: r.time(),
	endsAt: r.time(),
	...terms
};
export type NewPromotion = r.FieldsOf<typeof newPromotion>;
const patch = {
	name: r.opt(name()),
	type: r.opt(promotionType),
	scope: r.opt(offerScope),
	startsAt: r.opt(r.time()),
	endsAt: r.opt(r.time()),
	...terms
};
export type PromotionPatch = r.FieldsOf<typeof patch>;

const status = r.oneOf("coming", "running", "ended", "disabled");
const shown = {
	id: r.id(),
	name: r.str(),
	label: r.orNull(r.str()),
	type: promotionType,
	threshold: r.orNull(r.fen()),
	thresholdUnits: r.orNull(units()),
	value: r.orNull(r.fen()),
	tiers: r.orNull(r.list(tier)),
	repeat: r.bool(),
	gift: r.orNull(gift),
	scope: offerScope,
	audience: r.orNull(offerAudience),
	startsAt: r.time(),
	endsAt: r.time(),
	exclusive: r.bool(),
	limitPerUser: r.orNull(units()),
	/** Units of a flash sale or of gifts, else uses; null: without limit. */
	stock: r.orNull(r.int({ min: 0 })),
	/** The part of `stock` that is left. */
	remaining: r.orNull(r.int({ min: 0 })),
	status
};
const promotionCard = r.obj("PromotionCard", shown);
export type PromotionCard = r.TypeOf<typeof promotionCard>;
const promotion = r.obj("Promotion", {
	...shown,
	priority: r.int(),
	enabled: r.bool(),
	/** Raised by every change. */
	version: r.int({ min: 1 }),
	used: r.int({ min: 0 }),
	createdAt: r.time(),
	updatedAt: r.time()
});
export type PromotionView = r.TypeOf<typeof promotion>;

const step = r.oneOf("unit", "line", "order", "coupon", "points", "shipping");
/** What one offer took. `base` is what was left of its lines before; one of the step `shipping` is off the fee, of no line. */
export const discount = r.obj("Discount", {
	step,
	type: r.str(),
	id: r.str(),
	name: r.str(),
	amount: r.fenSum(),
	base: r.fenSum(),
	lines: r.list(r.obj({ skuId: r.id(), amount: r.fenSum() }))
});
export type Discount = r.TypeOf<typeof discount>;
/** `missing` is in fen, or in units for a threshold in units. */
export const notApplied = r.obj("NotApplied", {
	id: r.str(),
	name: r.str(),
	reason: r.oneOf(
		"THRESHOLD",
		"SCOPE",
		"EXCLUDED",
		"LIMIT",
		"SOLD_OUT",
		"AUDIENCE",
		"EXPIRED",
		"NOT_FOUND"
	),
	missing: r.opt(r.int({ min: 0 }))
});
export type NotApplied = r.TypeOf<typeof notApplied>;
/** `amount` is what the used points pay, `usable` the most that the order takes, `earn` what it brings when it completes. */
export const pointsUse = r.obj("PointsUse", {
	used: r.int({ min: 0 }),
	amount: r.fenSum(),
	usable: r.int({ min: 0 }),
	earn: r.int({ min: 0 })
});
/** Units that are given on top, at 0 fen. */
const giftLine = r.obj("GiftLine", {
	promotionId: r.id(),
	skuId: r.id(),
	productId: r.id(),
	code: r.str(),
	name: r.str(),
	image: r.orNull(r.text()),
	attributes: r.record(r.str()),
	quantity: r.quantity()
});
export type GiftLine = r.TypeOf<typeof giftLine>;
const couponOffer = r.obj("CouponOffer", {
	code: r.str(),
	name: r.str(),
	amount: r.fenSum(),
	applicable: r.bool(),
	reason: r.orNull(r.str())
});

/**
 * A price and how it came about: total = itemsTotal − discountTotal + shippingFee, where `discountTotal` is the sum of all
 * discounts but those of the step `shipping`. The shares of a discount sum to its amount, and no amount is below 0.
 */
const quoteFields = {
	lines: r.list(
		r.obj({
			skuId: r.id(),
			productId: r.id(),
			/** Before the step `unit`: the lowest of the SKU's price and the member's. */
			listPrice: r.fen(),
			/** After the step `unit`. */
			price: r.fen(),
			quantity: r.quantity(),
			/** price × quantity − discount. */
			amount: r.fenSum(),
			/** Shares of the discounts after the step `unit`. */
			discount: r.fenSum(),
			/** Why the line can't be ordered to this address. */
			problem: r.orNull(r.oneOf("NOT_DELIVERABLE"))
		})
	),
	gifts: r.list(giftLine),
	/** At list prices. */
	itemsTotal: r.fenSum(),
	discounts: r.list(discount),
	discountTotal: r.fenSum(),
	notApplied: r.list(notApplied),
	points: pointsUse,
	/** The buyer's coupons, the best for this cart first; only in a preview. */
	coupons: r.list(couponOffer),
	shippingFee: r.fen(),
	total: r.fenSum(),
	currency: r.currency()
};
export const quote = r.obj("Quote", quoteFields);
export type Quote = r.TypeOf<typeof quote>;

/** A coupon as the calculator needs it. */
export const couponTerms = r.obj({
	id: r.id(),
	code: r.str(),
	name: r.str(),
	type: r.oneOf("fixed", "percent", "free_shipping"),
	value: r.fen(),
	maxDiscount: r.orNull(r.fen()),
	threshold: r.fen(),
	scope: offerScope,
	/** Why the buyer can't use it now. */
	blocked: r.orNull(r.oneOf("AUDIENCE", "EXPIRED", "LIMIT"))
});
export type CouponTerms = r.TypeOf<typeof couponTerms>;

const goods = {
	skuId: r.id(),
	productId: r.id(),
	categoryIds: r.list(r.id()),
	brandId: r.orNull(r.id())
};
const pricedLine = r.obj({
	...goods,
	price: r.fen(),
	quantity: r.quantity(),
	/** Grams of one unit. */
	weight: r.opt(r.int({ min: 0 })),
	shippingRuleId: r.opt(r.orNull(r.id()))
});
/** Units of a promotion that an order takes: units of a flash sale or of gifts, else one use. */
const use = r.obj({ promotionId: r.id(), units: units() });
export type PromotionUse = r.TypeOf<typeof use>;

/** `uses`: what an order at this price takes of limited promotions; `couponId`: the coupon that it uses. */
const orderQuote = r.obj({ ...quoteFields, uses: r.list(use), couponId: r.orNull(r.id()) });
export type OrderQuote = r.TypeOf<typeof orderQuote>;

const staff = ["merchandiser"] as const;
const edited = { errors: ["NOT_FOUND", "DUPLICATE", "VERSION_CONFLICT"] } as const;

export const promotions = contract("promotions", {
	/** Calculates the price of lines, for the cart's preview and for the order alike. */
	quote: action(
		{
			userId: r.orNull(r.id()),
			lines: r.list(pricedLine, { min: 1, max: 100 }),
			province: r.opt(r.str({ max: 50 })),
			couponCode: r.opt(r.str({ max: 64 })),
			usePoints: r.opt(r.int({ min: 0 })),
			/** For a preview: also tell the worth of each of the buyer's coupons, and how many points can be used. */
			offerCoupons: r.opt(r.bool())
		},
		{ repeatable: true }
	).returns(orderQuote),
	/** Takes what an order uses of limited promotions, whole or not at all; refuses with PRICE_CHANGED. Once an order. */
	take: action(
		{ orderId: r.id(), userId: r.id(), uses: r.list(use, { max: 200 }) },
		{ repeatable: true }
	).returns(r.nothing),
	/** Gives back what the order took, and makes any later `take` of the order fail. */
	giveBack: action({ orderId: r.id() }, { repeatable: true }).returns(r.nothing),
	/** What product pages show: the lowest unit price that any buyer gets (null: the list price), and labels. */
	showcase: action(
		{
			products: r.list(
				r.obj({
					productId: r.id(),
					categoryIds: r.list(r.id()),
					brandId: r.orNull(r.id()),
					skus: r.list(r.obj({ skuId: r.id(), price: r.fen() }))
				}),
				{ max: 200 }
			)
		},
		{ repeatable: true }
	).returns(
		r.list(
			r.obj({
				productId: r.id(),
				promotionPrice: r.orNull(r.fen()),
				promotions: r.list(r.obj({ id: r.id(), type: promotionType, label: r.str() }))
			})
		)
	),
	/** Ids of a scope that the catalogue does not know, as faults of the field `scope`. */
	scopeFaults: action({ scope: offerScope }, { repeatable: true }).returns(
		r.list(
			r.obj({
				field: r.str(),
				type: r.oneOf("noCategory", "noBrand", "noProduct", "noSku")
			})
		)
	),
	/** The scope of a promotion that runs; null where none does. */
	scope: action({ id: r.id() }, { repeatable: true }).returns(r.orNull(offerScope)),

	browse: action({ ...r.paging, productId: r.opt(r.id()), type: r.opt(promotionType) })
		.returns(r.pageOf(promotionCard))
		.rest("GET /promotions", "public", "Promotions that run or are to come, the first to end first"),
	list: action({ ...r.cursorPaging, type: r.opt(promotionType), status: r.opt(status) })
		.returns(r.pageOf(promotion))
		.rest("GET /admin/promotions", staff, "All promotions, newest first"),
	get: action({ id: r.id() })
		.returns(promotion)
		.rest("GET /admin/promotions/:id", staff, "One promotion", { errors: ["NOT_FOUND"] }),
	create: action(newPromotion)
		.returns(promotion)
		.rest("POST /admin/promotions", staff, "Add a promotion", { status: 201, errors: ["DUPLICATE"] }),
	edit: action({ id: r.id(), ...patch })
		.returns(promotion)
		.rest(
			"PATCH /admin/promotions/:id",
			staff,
			"Change a promotion; orders keep the terms they were priced with",
			edited
		),
	remove: action({ id: r.id() })
		.returns(r.nothing)
		.rest("DELETE /admin/promotions/:id", staff, "End and remove a promotion", {
			errors: ["NOT_FOUND"]
		}),
	overlaps: action({ id: r.id() })
		.returns(r.list(r.obj({ id: r.id(), name: r.str(), type: promotionType, priority: r.int() })))
		.rest(
			"GET /admin/promotions/:id/overlaps",
			staff,
			"Other promotions of the same step that may be for the same goods at the same time",
			{ errors: ["NOT_FOUND"] }
		),
	simulate: action({
		/** The promotion that the draft replaces. */
		id: r.opt(r.id()),
		promotion: r.obj(newPromotion),
		items: r.list(r.obj({ skuId: r.id(), quantity: r.quantity() }), { min: 1, max: 100 }),
		userId: r.opt(r.id())
	})
		.returns(r.obj({ before: quote, after: quote }))
		.rest(
			"POST /admin/promotions/simulate",
			staff,
			"Price a cart without and with a promotion that is not stored",
			{ errors: ["NOT_ON_SHELF", "DUPLICATE"] }
		),
	/** Adds the promotions that are missing; the others stay as they are. */
	import: action(
		{ promotions: r.list(r.obj({ id: r.id(), ...newPromotion }), { max: 100 }) },
		{ repeatable: true }
	).returns(r.nothing)
});

export const promotionEvents = {
	/** A promotion was added, changed or removed. */
	"promotion.changed": event({ promotionId: r.id(), version: r.int() }).means(
		"A promotion was added, changed or removed"
	)
};
