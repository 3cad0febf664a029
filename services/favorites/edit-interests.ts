import type { Page, PageQuery, Store } from "../../mixins/store.mixin";
import { Refusal } from "../../schemas/errors/errors";
import type { InterestView } from "../../schemas/favorites.contract";
import { DEFAULT_PAGE_SIZE } from "../../schemas/kit/rules";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { FavoritesContext } from "./favorites.context";
import {
	createInterests,
	hasProduct,
	MAX_FAVORITES,
	recordView,
	type Interest,
	type Interests
} from "./interests.domain";

/** Stores what `decide` makes of the user's entries; null leaves them as they are. */
async function rewriteEntries(
	store: Store<Interests>,
	userId: string,
	decide: (interests: Interests) => readonly Interest[] | null
): Promise<Interests> {
	return store.rewrite(
		userId,
		before => {
			const entries = decide(before);
			const { version } = before;
			return entries && { guard: { version }, update: { $set: { entries, version: version + 1 } } };
		},
		{ initial: createInterests(userId) }
	);
}

/** Adds a product on the shelf; one that is a favourite keeps its place. Refuses one more than MAX_FAVORITES. */
export async function addFavorite(
	{ favorites }: FavoritesContext,
	ctx: Ctx<object>,
	userId: string,
	productId: string
): Promise<InterestView> {
	const [card] = await call(ctx, "products.cards", { productIds: [productId] });
	if (!card)
		throw new Refusal("NOT_FOUND", "No such product on the shelf", { what: "product", id: productId });
	const added = { productId, addedAt: new Date(), priceThen: card.price };
	const { entries } = await rewriteEntries(favorites, userId, interests => {
		if (hasProduct(interests, productId)) return null;
		if (interests.entries.length >= MAX_FAVORITES)
			throw new Refusal("LIMIT_REACHED", "There are no more favourites", {
				what: "favorite",
				limit: MAX_FAVORITES
			});
		return [added, ...interests.entries];
	});
	const { addedAt, priceThen } = entries.find(entry => entry.productId === productId) ?? added;
	return { ...card, addedAt: addedAt.toISOString(), priceThen };
}

export async function removeFavorite(
	{ favorites }: FavoritesContext,
	userId: string,
	productId: string
): Promise<void> {
	await rewriteEntries(favorites, userId, interests =>
		hasProduct(interests, productId)
			? interests.entries.filter(entry => entry.productId !== productId)
			: null
	);
}

export async function addViewToHistory(
	{ history }: FavoritesContext,
	userId: string,
	productId: string,
	price: number
): Promise<void> {
	const view = { productId, addedAt: new Date(), priceThen: price };
	await rewriteEntries(history, userId, interests => recordView(interests, view));
}

/** A page of the entries whose products are on the shelf; `total` counts the others too. */
export async function readEntries(
	store: Store<Interests>,
	ctx: Ctx<object>,
	userId: string,
	{ page = 1, pageSize = DEFAULT_PAGE_SIZE }: PageQuery
): Promise<Page<InterestView>> {
	const { entries } = (await store.findOne({ _id: userId })) ?? createInterests(userId);
	const shown = entries.slice((page - 1) * pageSize, page * pageSize);
	const productIds = shown.map(({ productId }) => productId);
	const cards = productIds.length > 0 ? await call(ctx, "products.cards", { productIds }) : [];
	const cardOf = new Map(cards.map(card => [card.id, card]));
	const items = shown.flatMap(({ productId, addedAt, priceThen }) => {
		const card = cardOf.get(productId);
		return card ? [{ ...card, addedAt: addedAt.toISOString(), priceThen }] : [];
	});
	return { items, page, pageSize, total: entries.length };
}
