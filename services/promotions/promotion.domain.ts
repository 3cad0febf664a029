import type { FieldFault } from "../../schemas/errors/errors";
import type {
	NewPromotion,
	PromotionCard,
	PromotionPatch,
	PromotionType,
	PromotionView
} from "../../schemas/promotions.contract";
import { STEP_OF, type Gift, type Tier } from "./rule.domain";
import { isEmptyScope, type Scope, type ScopeLists } from "./scope.domain";

export type Audience = {
	readonly levelIds?: readonly string[] | undefined;
	readonly newUsers?: boolean | undefined;
};

export type Promotion = {
	readonly _id: string;
	readonly name: string;
	readonly label: string | null;
	readonly type: PromotionType;
	readonly threshold: number | null;
	readonly thresholdUnits: number | null;
	readonly value: number | null;
	readonly tiers: readonly Tier[] | null;
	readonly repeat: boolean;
	readonly gift: Gift | null;
	readonly scope: Scope;
	readonly audience: Audience | null;
	readonly startsAt: Date;
	readonly endsAt: Date;
	readonly priority: number;
	readonly exclusive: boolean;
	readonly limitPerUser: number | null;
	readonly stock: number | null;
	readonly enabled: boolean;
	/** Removed by staff; orders that used it may still give back what they took. */
	readonly removed: boolean;
	/** Raised by every change. */
	readonly version: number;
	readonly createdAt: Date;
	readonly updatedAt: Date;
};

export const createPromotion = (_id: string, given: NewPromotion, now: Date): Promotion => ({
	_id,
	name: given.name,
	label: given.label ?? null,
	type: given.type,
	threshold: given.threshold ?? null,
	thresholdUnits: given.thresholdUnits ?? null,
	value: given.value ?? null,
	tiers: given.tiers?.length ? given.tiers : null,
	repeat: given.repeat ?? false,
	gift: given.gift ?? null,
	scope: given.scope,
	audience: given.audience ?? null,
	startsAt: new Date(given.startsAt),
	endsAt: new Date(given.endsAt),
	priority: given.priority ?? 0,
	exclusive: given.exclusive ?? false,
	limitPerUser: given.limitPerUser ?? null,
	stock: given.stock ?? null,
	enabled: given.enabled ?? true,
	removed: false,
	version: 1,
	createdAt: now,
	updatedAt: now
});

/** The promotion with the fields of a patch; those that it leaves out stay. */
export function patchPromotion(promotion: Promotion, patch: PromotionPatch, now: Date): Promotion {
	const { startsAt, endsAt, tiers, ...rest } = patch;
	const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
	return {
		...promotion,
		...given,
		...(tiers !== undefined && { tiers: tiers?.length ? tiers : null }),
		...(startsAt !== undefined && { startsAt: new Date(startsAt) }),
		...(endsAt !== undefined && { endsAt: new Date(endsAt) }),
		version: promotion.version + 1,
		updatedAt: now
	};
}

/** Types whose `value` is given. A promotion with tiers has its values there. */
const VALUED: readonly PromotionType[] = [
	"price_off",
	"percent_off",
	"amount_off",
	"units_off",
	"flash_sale"
];
const MAX_PERCENT = 99;

/** Finds what is wrong in the fields of a promotion, whatever the catalogue holds. */
export function findFaults(promotion: Promotion): FieldFault[] {
	const { type, value, tiers, thresholdUnits, gift, scope, stock, startsAt, endsAt, repeat } = promotion;
	const faults: FieldFault[] = [];
	const add = (field: string, fault: FieldFault["type"], expected?: number) =>
		faults.push({ field, type: fault, ...(expected !== undefined && { expected }) });

	if (endsAt <= startsAt) add("endsAt", "afterStart");
	if (isEmptyScope(scope)) add("scope", "scopeEmpty");
	if (tiers && type !== "amount_off") add("tiers", "notForType");
	if (tiers && repeat) add("repeat", "notWithTiers");
	if (tiers && value !== null) add("value", "notWithTiers");
	if (tiers && promotion.threshold) add("threshold", "notWithTiers");
	tiers?.forEach((tier, i) => {
		const before = tiers[i - 1];
		if (before && tier.threshold <= before.threshold) add(`tiers[${i}].threshold`, "tierRises");
		if (before && tier.value <= before.value) add(`tiers[${i}].value`, "tierRises");
	});

	const isValued = VALUED.includes(type) && !tiers;
	if (isValued && value === null) add("value", "required");
	if (value !== null && !VALUED.includes(type)) add("value", "notForType");
	if (isValued && value !== null) {
		if (type !== "flash_sale" && value < 1) add("value", "numberMin", 1);
		if (type === "percent_off" && value > MAX_PERCENT) add("value", "numberMax", MAX_PERCENT);
		if (type === "units_off" && thresholdUnits !== null && value > thresholdUnits)
			add("value", "numberMax", thresholdUnits);
	}
	if (type === "units_off" && thresholdUnits === null) add("thresholdUnits", "required");
	if (repeat && type !== "amount_off" && type !== "units_off") add("repeat", "notForType");
	if (repeat && type === "amount_off" && !tiers && !promotion.threshold && thresholdUnits === null)
		add("threshold", "required");
	if (type === "gift" && !gift) add("gift", "required");
	if (type !== "gift" && gift) add("gift", "notForType");
	if (type === "flash_sale") {
		if (stock === null) add("stock", "required");
		if (!scope.skuIds?.length) add("scope.skuIds", "required");
		for (const list of ["all", "categoryIds", "brandIds", "productIds"] as const)
			if (scope[list] === true || (Array.isArray(scope[list]) && scope[list].length))
				add(`scope.${list}`, "notForType");
		if (scope.not) add("scope.not", "notForType");
	}
	return faults;
}

/** The ids that a scope names, with the path of each in a request. */
export function listScopeIds(
	scope: Scope
): { kind: Exclude<keyof ScopeLists, "all">; id: string; field: string }[] {
	const listIds = (lists: ScopeLists, path: string) =>
		(["categoryIds", "brandIds", "productIds", "skuIds"] as const).flatMap(kind =>
			(lists[kind] ?? []).map((id, i) => ({ kind, id, field: `${path}.${kind}[${i}]` }))
		);
	return [...listIds(scope, "scope"), ...(scope.not ? listIds(scope.not, "scope.not") : [])];
}

type Times = Pick<Promotion, "startsAt" | "endsAt">;
const overlapInTime = (a: Times, b: Times): boolean => a.startsAt < b.endsAt && b.startsAt < a.endsAt;

/** Another flash sale that has one of the SKUs in the same time. */
export function findRivalFlashSale(
	promotion: Promotion,
	others: readonly Promotion[]
): { readonly id: string; readonly name: string; readonly skuIds: readonly string[] } | null {
	if (promotion.type !== "flash_sale" || !promotion.enabled) return null;
	const skus = new Set(promotion.scope.skuIds);
	for (const other of others) {
		if (other._id === promotion._id || other.type !== "flash_sale" || !other.enabled) continue;
		const shared = other.scope.skuIds?.filter(id => skus.has(id)) ?? [];
		if (shared.length && overlapInTime(promotion, other))
			return { id: other._id, name: other.name, skuIds: shared };
	}
	return null;
}

/** Whether both may be for the same goods: they share an id, or name goods by different kinds of lists. */
function mayShareGoods(a: Scope, b: Scope): boolean {
	if (a.all || b.all) return true;
	const kinds = ["categoryIds", "brandIds", "productIds", "skuIds"] as const;
	const used = (scope: Scope) => kinds.filter(kind => scope[kind]?.length);
	if (used(a).some(kind => used(b).some(other => other !== kind))) return true;
	return kinds.some(kind => a[kind]?.some(id => b[kind]?.includes(id)));
}

/** Promotions of the same step that may be for the same goods at the same time. */
export const findOverlaps = (promotion: Promotion, others: readonly Promotion[]): Promotion[] =>
	others.filter(
		other =>
			other._id !== promotion._id &&
			other.enabled &&
			STEP_OF[other.type] === STEP_OF[promotion.type] &&
			overlapInTime(promotion, other) &&
			mayShareGoods(promotion.scope, other.scope)
	);

export function getStatus({ enabled, startsAt, endsAt }: Promotion, now: Date): PromotionCard["status"] {
	if (!enabled) return "disabled";
	if (endsAt <= now) return "ended";
	return startsAt <= now ? "running" : "coming";
}

/** Whether uses of the promotion are counted: it has a stock, or a limit for each user. */
export const isLimited = ({ stock, limitPerUser }: Pick<Promotion, "stock" | "limitPerUser">): boolean =>
	stock !== null || limitPerUser !== null;

/** The promotion as shoppers see it; `used` is what was taken of its stock. */
export const toCard = (promotion: Promotion, used: number, now: Date): PromotionCard => ({
	id: promotion._id,
	name: promotion.name,
	label: promotion.label,
	type: promotion.type,
	threshold: promotion.threshold,
	thresholdUnits: promotion.thresholdUnits,
	value: promotion.value,
	tiers: promotion.tiers,
	repeat: promotion.repeat,
	gift: promotion.gift,
	scope: promotion.scope,
	audience: promotion.audience,
	startsAt: promotion.startsAt.toISOString(),
	endsAt: promotion.endsAt.toISOString(),
	exclusive: promotion.exclusive,
	limitPerUser: promotion.limitPerUser,
	stock: promotion.stock,
	remaining: promotion.stock === null ? null : Math.max(0, promotion.stock - used),
	status: getStatus(promotion, now)
});

export const toView = (promotion: Promotion, used: number, now: Date): PromotionView => ({
	...toCard(promotion, used, now),
	priority: promotion.priority,
	enabled: promotion.enabled,
	version: promotion.version,
	used,
	createdAt: promotion.createdAt.toISOString(),
	updatedAt: promotion.updatedAt.toISOString()
});
