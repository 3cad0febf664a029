import type { CouponView, NewTemplate, TemplatePatch, TemplateView } from "../../schemas/coupons.contract";
import type { FieldFault } from "../../schemas/errors/errors";
import type { CouponTerms, OfferScope } from "../../schemas/promotions.contract";
import { DAY_MS } from "../../schemas/values/durations";

type Terms = {
	readonly name: string;
	readonly type: CouponTerms["type"];
	readonly value: number | null;
	readonly maxDiscount: number | null;
	readonly threshold: number;
	readonly scope: OfferScope;
};

export type Template = Terms & {
	readonly _id: string;
	readonly total: number;
	readonly perUser: number;
	readonly claimFrom: Date;
	readonly claimTo: Date;
	readonly validFrom: Date | null;
	readonly validTo: Date | null;
	readonly validDays: number | null;
	readonly public: boolean;
	readonly audience: NonNullable<NewTemplate["audience"]> | null;
	/** Raised by every change. */
	readonly version: number;
	readonly createdAt: Date;
	readonly updatedAt: Date;
};

/**
 * A coupon keeps the terms of its template. `claiming`: its quotas are being taken. `code`: it waits to be redeemed. `void`:
 * it could not be claimed.
 */
export type Coupon = Terms & {
	/** Also its code: 80 of its bits are random, so that nobody guesses it. */
	readonly _id: string;
	readonly templateId: string;
	/** Null until its code is redeemed. */
	readonly userId: string | null;
	readonly status: "claiming" | "code" | "unused" | "used" | "void";
	/** It was made as a code to hand out, and becomes one again where redeeming it fails. */
	readonly handedOut: boolean;
	/** Holder of the quotas of the claim that is under way, or was made. */
	readonly holder: string;
	readonly validFrom: Date;
	readonly validTo: Date;
	readonly orderId?: string;
	readonly discount?: number;
	/** The latest orders that gave the coupon back; they can't use it again. */
	readonly givenBackBy: readonly string[];
	readonly createdAt: Date;
	readonly updatedAt: Date;
};

const toDate = (time: string | null | undefined) => (time ? new Date(time) : null);

export const createTemplate = (_id: string, given: NewTemplate, now: Date): Template => ({
	_id,
	name: given.name,
	type: given.type,
	value: given.value ?? null,
	maxDiscount: given.maxDiscount ?? null,
	threshold: given.threshold ?? 0,
	scope: given.scope,
	total: given.total,
	perUser: given.perUser,
	claimFrom: new Date(given.claimFrom),
	claimTo: new Date(given.claimTo),
	validFrom: toDate(given.validFrom),
	validTo: toDate(given.validTo),
	validDays: given.validDays ?? null,
	public: given.public ?? true,
	audience: given.audience ?? null,
	version: 1,
	createdAt: now,
	updatedAt: now
});

const TIMES = ["claimFrom", "claimTo", "validFrom", "validTo"] as const;

/** The template with the fields of a patch; those that it leaves out stay. */
export function patchTemplate(template: Template, patch: TemplatePatch, now: Date): Template {
	const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
	const times = Object.fromEntries(
		TIMES.filter(key => patch[key] !== undefined).map(key => [key, toDate(patch[key])])
	);
	return { ...template, ...given, ...times, version: template.version + 1, updatedAt: now };
}

/** Fields that may change once a coupon was claimed; `total` only upwards. */
export const FREE_FIELDS: readonly string[] = ["name", "total", "claimTo"];

const isEmpty = ({ all, categoryIds, brandIds, productIds, skuIds }: Omit<OfferScope, "not">): boolean =>
	!all && ![categoryIds, brandIds, productIds, skuIds].some(ids => ids?.length);

/** Finds what is wrong in the fields of a template. */
export function findFaults(template: Template): FieldFault[] {
	const { type, value, scope, claimFrom, claimTo, validFrom, validTo, validDays } = template;
	const faults: FieldFault[] = [];
	const add = (field: string, fault: FieldFault["type"], expected?: number) =>
		faults.push({ field, type: fault, ...(expected !== undefined && { expected }) });
	if (claimTo <= claimFrom) add("claimTo", "afterStart");
	if (isEmpty(scope)) add("scope", "scopeEmpty");
	if (type === "free_shipping" && value !== null) add("value", "notForType");
	if (type !== "free_shipping" && value === null) add("value", "required");
	if (type !== "free_shipping" && value !== null && value < 1) add("value", "numberMin", 1);
	if (type === "percent" && value !== null && value > 99) add("value", "numberMax", 99);
	if (type !== "percent" && template.maxDiscount !== null) add("maxDiscount", "notForType");
	if (validTo === null && validDays === null) add("validTo", "required");
	if (validTo !== null && validDays !== null) add("validDays", "notForType");
	if (validTo && validFrom && validTo <= validFrom) add("validTo", "afterStart");
	return faults;
}

/** A new coupon whose quotas are still to be taken. */
export function draftCoupon(template: Template, id: string, userId: string | null, now: Date): Coupon {
	const { name, type, value, maxDiscount, threshold, scope } = template;
	return {
		_id: id,
		templateId: template._id,
		userId,
		name,
		type,
		value,
		maxDiscount,
		threshold,
		scope,
		status: "claiming",
		handedOut: userId === null,
		holder: id,
		...validityFrom(template, now),
		givenBackBy: [],
		createdAt: now,
		updatedAt: now
	};
}

/** When a coupon is good that is claimed now. */
export function validityFrom({ validFrom, validTo, validDays }: Template, now: Date) {
	const from = validFrom && validFrom > now ? validFrom : now;
	return {
		validFrom: from,
		validTo: validTo ?? new Date(from.getTime() + (validDays ?? 1) * DAY_MS)
	};
}

export const isClaimable = ({ claimFrom, claimTo }: Template, now: Date): boolean =>
	claimFrom <= now && now < claimTo;

type Buyer = { readonly levelId: string | null; readonly isNew: boolean };
export function isInAudience({ audience }: Template, { levelId, isNew }: Buyer): boolean {
	if (audience?.levelIds?.length && !audience.levelIds.some(id => id === levelId)) return false;
	return !audience?.newUsers || isNew;
}

export const toCouponView = (coupon: Coupon, now: Date): CouponView => ({
	id: coupon._id,
	code: coupon._id,
	templateId: coupon.templateId,
	name: coupon.name,
	type: coupon.type,
	value: coupon.value,
	maxDiscount: coupon.maxDiscount,
	threshold: coupon.threshold,
	scope: coupon.scope,
	status: coupon.status === "used" ? "used" : coupon.validTo <= now ? "expired" : "unused",
	validFrom: coupon.validFrom.toISOString(),
	validTo: coupon.validTo.toISOString()
});

/** The coupon as the price calculator needs it. */
export const toTerms = (coupon: Coupon, now: Date): CouponTerms => ({
	id: coupon._id,
	code: coupon._id,
	name: coupon.name,
	type: coupon.type,
	value: coupon.value ?? 0,
	maxDiscount: coupon.maxDiscount,
	threshold: coupon.threshold,
	scope: coupon.scope,
	blocked:
		coupon.status === "used"
			? "LIMIT"
			: coupon.validFrom > now || coupon.validTo <= now
				? "EXPIRED"
				: null
});

/** The template as shoppers see it; `used` is what was taken of its total. */
export const toClaimable = (template: Template, used: number) => ({
	id: template._id,
	name: template.name,
	type: template.type,
	value: template.value,
	maxDiscount: template.maxDiscount,
	threshold: template.threshold,
	scope: template.scope,
	total: template.total,
	perUser: template.perUser,
	claimFrom: template.claimFrom.toISOString(),
	claimTo: template.claimTo.toISOString(),
	validFrom: template.validFrom?.toISOString() ?? null,
	validTo: template.validTo?.toISOString() ?? null,
	validDays: template.validDays,
	remaining: Math.max(0, template.total - used)
});

export const toTemplateView = (template: Template, used: number): TemplateView => ({
	...toClaimable(template, used),
	public: template.public,
	audience: template.audience,
	createdAt: template.createdAt.toISOString(),
	updatedAt: template.updatedAt.toISOString()
});
