/** A product that a user added or looked at. */
export type Interest = { readonly productId: string; readonly addedAt: Date; readonly priceThen: number };

/** The favourites of a user, or what the user looked at: the latest first. */
export type Interests = {
	/** The user's id. */
	readonly _id: string;
	readonly entries: readonly Interest[];
	readonly version: number;
};

export const MAX_FAVORITES = 500;
export const MAX_HISTORY = 200;
/** A product that is looked at again within this time is not noted again. */
const SAME_VIEW_MS = 60_000;

export const createInterests = (userId: string): Interests => ({ _id: userId, entries: [], version: 0 });

export const hasProduct = ({ entries }: Interests, productId: string): boolean =>
	entries.some(entry => entry.productId === productId);

/** The history after the user looked at a product; null where it stays as it is. */
export function recordView({ entries }: Interests, view: Interest): readonly Interest[] | null {
	const [last] = entries;
	const isSame = last?.productId === view.productId;
	if (isSame && view.addedAt.getTime() - last.addedAt.getTime() < SAME_VIEW_MS) return null;
	return [view, ...entries.filter(({ productId }) => productId !== view.productId)].slice(0, MAX_HISTORY);
}
