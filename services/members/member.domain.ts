import type { LevelView, NewPriceList, PriceListPatch, PriceListView } from "../../schemas/members.contract";

export type Level = {
	readonly _id: string;
	readonly name: string;
	/** Unique: levels are told apart by what was spent. */
	readonly minSpent: number;
};

export type Member = {
	/** The user's id. */
	readonly _id: string;
	readonly spent: number;
	/** An order of theirs was paid. */
	readonly hasPaid: boolean;
	readonly version: number;
};
export const createMember = (userId: string): Member => ({
	_id: userId,
	spent: 0,
	hasPaid: false,
	version: 0
});

/** What one order adds to the spent of its buyer. */
export type MemberOrder = {
	/** The order's id. */
	readonly _id: string;
	readonly userId: string;
	readonly completed: boolean;
	readonly total: number;
	readonly refunded: number;
};

/** Totals of completed orders less their refunds. */
export const sumSpent = (orders: readonly Pick<MemberOrder, "completed" | "total" | "refunded">[]): number =>
	orders.reduce((sum, { completed, total, refunded }) => sum + (completed ? total - refunded : 0), 0);

/** The highest level that the spent reaches. */
export const findLevel = (levels: readonly Level[], spent: number): Level | null =>
	levels.filter(({ minSpent }) => minSpent <= spent).sort((a, b) => b.minSpent - a.minSpent)[0] ?? null;

export const findNextLevel = (levels: readonly Level[], spent: number): Level | null =>
	levels.filter(({ minSpent }) => minSpent > spent).sort((a, b) => a.minSpent - b.minSpent)[0] ?? null;

export const toLevelView = ({ _id, name, minSpent }: Level): LevelView => ({ id: _id, name, minSpent });

export type PriceList = {
	readonly _id: string;
	readonly name: string;
	/** Null: for members of every level. */
	readonly levelIds: readonly string[] | null;
	readonly startsAt: Date | null;
	readonly endsAt: Date | null;
	readonly prices: readonly { readonly skuId: string; readonly price: number }[];
	readonly createdAt: Date;
	readonly updatedAt: Date;
};

const toDate = (time: string | null | undefined) => (time ? new Date(time) : null);

export const createPriceList = (_id: string, given: NewPriceList, now: Date): PriceList => ({
	_id,
	name: given.name,
	levelIds: given.levelIds ?? null,
	startsAt: toDate(given.startsAt),
	endsAt: toDate(given.endsAt),
	prices: given.prices,
	createdAt: now,
	updatedAt: now
});

/** The list with the fields of a patch; those that it leaves out stay. */
export const patchPriceList = (list: PriceList, patch: PriceListPatch, now: Date): PriceList => ({
	...list,
	...(patch.name !== undefined && { name: patch.name }),
	...(patch.levelIds !== undefined && { levelIds: patch.levelIds }),
	...(patch.startsAt !== undefined && { startsAt: toDate(patch.startsAt) }),
	...(patch.endsAt !== undefined && { endsAt: toDate(patch.endsAt) }),
	...(patch.prices !== undefined && { prices: patch.prices }),
	updatedAt: now
});

const appliesTo = ({ levelIds, startsAt, endsAt }: PriceList, levelId: string | null, now: Date): boolean =>
	(!startsAt || startsAt <= now) &&
	(!endsAt || now < endsAt) &&
	(!levelIds?.length || levelIds.some(id => id === levelId));

/** The lowest price of each SKU in the lists that apply to the level now. */
export function findMemberPrices(
	lists: readonly PriceList[],
	levelId: string | null,
	skuIds: readonly string[],
	now: Date
): { readonly skuId: string; readonly price: number }[] {
	const wanted = new Set(skuIds);
	const lowest = new Map<string, number>();
	for (const list of lists)
		if (appliesTo(list, levelId, now))
			for (const { skuId, price } of list.prices)
				if (wanted.has(skuId)) lowest.set(skuId, Math.min(price, lowest.get(skuId) ?? Infinity));
	return [...lowest].map(([skuId, price]) => ({ skuId, price }));
}

export const toPriceListView = (list: PriceList): PriceListView => ({
	id: list._id,
	name: list.name,
	levelIds: list.levelIds,
	startsAt: list.startsAt?.toISOString() ?? null,
	endsAt: list.endsAt?.toISOString() ?? null,
	prices: list.prices,
	createdAt: list.createdAt.toISOString(),
	updatedAt: list.updatedAt.toISOString()
});
