import type { CurrentPromotion } from "./current-promotions";
import type { Promotion } from "./promotion.domain";
import type { NotAppliedReason, Rule } from "./rule.domain";

/** What is known of a buyer; a guest has no id, no level and is no new user. */
export type Buyer = {
	readonly userId: string | null;
	readonly levelId: string | null;
	/** No order of theirs was ever paid. */
	readonly isNew: boolean;
};
export const GUEST: Buyer = { userId: null, levelId: null, isNew: false };

/** Units or uses that were taken of a promotion: by everybody, and by the buyer. */
export type Uses = { readonly inAll: number; readonly byBuyer: number };
export type UsesOf = (promotion: Promotion) => Uses;

/** The running promotion as this buyer has it. */
export function toRule({ promotion, covers }: CurrentPromotion, buyer: Buyer, usesOf: UsesOf): Rule {
	const { stock, limitPerUser } = promotion;
	const uses = usesOf(promotion);
	const unitsLeft = {
		inAll: stock === null ? Infinity : Math.max(0, stock - uses.inAll),
		forBuyer: limitPerUser === null ? Infinity : Math.max(0, limitPerUser - uses.byBuyer)
	};
	return {
		id: promotion._id,
		name: promotion.name,
		type: promotion.type,
		value: promotion.value ?? 0,
		threshold: promotion.threshold ?? 0,
		thresholdUnits: promotion.thresholdUnits ?? 0,
		tiers: promotion.tiers ?? [],
		repeat: promotion.repeat,
		gift: promotion.gift,
		covers,
		priority: promotion.priority,
		exclusive: promotion.exclusive,
		blocked: findBlock(promotion, buyer, unitsLeft),
		unitsLeft
	};
}

function findBlock(
	promotion: Promotion,
	buyer: Buyer,
	{ inAll, forBuyer }: Rule["unitsLeft"]
): NotAppliedReason | null {
	if (!isInAudience(promotion.audience, buyer)) return "AUDIENCE";
	if (inAll < countStockUnits(promotion)) return "SOLD_OUT";
	return forBuyer < 1 ? "LIMIT" : null;
}

/** Fewest units of the stock that an order takes. */
const countStockUnits = ({ type, gift }: Promotion): number => (type === "gift" ? (gift?.quantity ?? 1) : 1);

/** Both conditions apply where both are named. */
export function isInAudience(audience: Promotion["audience"], { levelId, isNew }: Buyer): boolean {
	if (audience?.levelIds?.length && !audience.levelIds.some(id => id === levelId)) return false;
	return !audience?.newUsers || isNew;
}

/** Whether a running promotion is for guests too, and some of it is left. */
export const isForEverybody = (promotion: Promotion, { inAll }: Uses): boolean =>
	findBlock(promotion, GUEST, {
		inAll: promotion.stock === null ? Infinity : promotion.stock - inAll,
		forBuyer: Infinity
	}) === null;
