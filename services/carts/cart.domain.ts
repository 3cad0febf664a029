import type { CartItem } from "../../schemas/carts.contract";
import { invalid, Refusal } from "../../schemas/errors";
import type { SkuForSale } from "../../schemas/products.contract";

/** Product and name are kept for the day when the SKU is gone. */
export type CartLine = {
	readonly skuId: string;
	readonly productId: string;
	readonly name: string;
	readonly quantity: number;
	readonly selected: boolean;
	readonly addedPrice: number;
};

export type Cart = {
	readonly lines: readonly CartLine[];
	/** The last orders whose lines have left, so that news of one that comes twice takes nothing put in since. */
	readonly ordered: readonly string[];
	/** The last guest carts that were merged in, so that a merge that was cut off is finished and not repeated. */
	readonly merged: readonly string[];
	/** The user whom this guest's cart goes to: from then on it takes no more lines. */
	readonly closedFor?: string;
};

/** A SKU as it stands in the shop right now. */
export type Goods = SkuForSale & { readonly available: number };
export type GoodsBySku = ReadonlyMap<string, Goods>;
export type Wanted = { readonly skuId: string; readonly quantity: number };

export const EMPTY: Cart = { lines: [], ordered: [], merged: [] };
export const MAX_LINES = 100;
export const MAX_QUANTITY = 9999;
const MARKERS = 50;

/** Units that one buyer can have: of those there are, no more than his share. */
export const countBuyableUnits = ({ available, limitPerUser }: Goods): number =>
	Math.min(available, limitPerUser ?? Infinity);

export const appendMarker = (markers: readonly string[], id: string): readonly string[] =>
	[...markers, id].slice(-MARKERS);

/**
 * Refuses what can't be bought as it stands, all of one kind of trouble at once, for the reasons and in the order in which an
 * order is refused. A SKU that is not on the shelf may have left the catalogue since, so both are `NOT_ON_SHELF`. `fieldOf`
 * names the field of the request that asks for a SKU's units.
 */
export function assertBuyable(
	wanted: readonly Wanted[],
	shelf: GoodsBySku,
	fieldOf: (skuId: string) => string = () => "quantity"
): void {
	for (const { skuId, quantity } of wanted)
		if (quantity > MAX_QUANTITY) throw invalid(fieldOf(skuId), "unitsMax", MAX_QUANTITY);
	const off = wanted.filter(({ skuId }) => !shelf.get(skuId)?.onShelf).map(({ skuId }) => skuId);
	if (off.length) throw notOnShelf(off);
	const short = wanted.flatMap(({ skuId, quantity }) => {
		const available = shelf.get(skuId)?.available ?? 0;
		return quantity > available ? [{ skuId, requested: quantity, available }] : [];
	});
	if (short.length) throw new Refusal("OUT_OF_STOCK", "Not enough in stock", { items: short });
	for (const { skuId, quantity } of wanted) {
		const limit = shelf.get(skuId)?.limitPerUser ?? Infinity;
		if (quantity > limit) throw invalid(fieldOf(skuId), "limitPerUser", limit);
	}
}

/** On top of what is there; the buyer has just seen the present price. */
export function addUnits(cart: Cart, { skuId, quantity }: Wanted, shelf: GoodsBySku): Cart {
	const there = cart.lines.find(line => line.skuId === skuId);
	const total = quantity + (there?.quantity ?? 0);
	const goods = shelf.get(skuId);
	if (!goods)
		throw there ? notOnShelf([skuId]) : new Refusal("NOT_FOUND", "No such SKU", { skuIds: [skuId] });
	assertBuyable([{ skuId, quantity: total }], shelf);
	if (!there && cart.lines.length >= MAX_LINES)
		throw new Refusal("INVALID_STATE", "The cart is full", { maxLines: MAX_LINES });
	const { productId, name, price } = goods;
	const line: CartLine = { skuId, productId, name, quantity: total, selected: true, addedPrice: price };
	return { ...cart, lines: there ? swap(cart.lines, line) : [...cart.lines, line] };
}

type Change = { readonly quantity?: number | undefined; readonly selected?: boolean | undefined };
export function setLine(cart: Cart, skuId: string, { quantity, selected }: Change, shelf: GoodsBySku): Cart {
	const line = lineOf(cart, skuId);
	if (quantity !== undefined) assertBuyable([{ skuId, quantity }], shelf);
	const changed = {
		...line,
		quantity: quantity ?? line.quantity,
		selected: selected ?? line.selected
	};
	return { ...cart, lines: swap(cart.lines, changed) };
}

export function removeLine(cart: Cart, skuId: string): Cart {
	const gone = lineOf(cart, skuId);
	return { ...cart, lines: cart.lines.filter(line => line !== gone) };
}

export const clearLines = (cart: Cart): Cart => ({ ...cart, lines: [] });

/** The named lines, or every one. */
export function selectLines(cart: Cart, skuIds: readonly string[] | "all", selected: boolean): Cart {
	if (skuIds !== "all") for (const skuId of skuIds) lineOf(cart, skuId);
	const lines = cart.lines.map(line =>
		skuIds === "all" || skuIds.includes(line.skuId) ? { ...line, selected } : line
	);
	return { ...cart, lines };
}

/** The lines of an order leave, once. */
export function dropOrderedLines(cart: Cart, orderId: string, skuIds: readonly string[]): Cart {
	if (cart.ordered.includes(orderId)) return cart;
	const lines = cart.lines.filter(line => !skuIds.includes(line.skuId));
	return { ...cart, lines, ordered: appendMarker(cart.ordered, orderId) };
}

export const getSelectedLines = (cart: Cart): Wanted[] =>
	cart.lines.filter(line => line.selected).map(({ skuId, quantity }) => ({ skuId, quantity }));

/** Demand is summed per SKU. */
export function sumDemand(wanted: readonly Wanted[]): Wanted[] {
	const total = new Map<string, number>();
	for (const { skuId, quantity } of wanted) total.set(skuId, (total.get(skuId) ?? 0) + quantity);
	return [...total].map(([skuId, quantity]) => ({ skuId, quantity }));
}

/** The lines at present prices and stock. */
export const toCartItems = (cart: Cart, shelf: GoodsBySku): CartItem[] =>
	cart.lines.map(line => {
		const now = shelf.get(line.skuId);
		const price = now?.price ?? line.addedPrice;
		return {
			skuId: line.skuId,
			productId: line.productId,
			name: now?.name ?? line.name,
			image: now?.image ?? null,
			attributes: now?.attributes ?? {},
			quantity: line.quantity,
			selected: line.selected,
			price,
			addedPrice: line.addedPrice,
			amount: price * line.quantity,
			available: now ? countBuyableUnits(now) : 0,
			limitPerUser: now?.limitPerUser ?? null,
			problem: problemOf(line, now)
		};
	});

export const isBuyable = ({ problem }: CartItem): boolean => problem === null || problem === "PRICE_CHANGED";

function problemOf(line: CartLine, now: Goods | undefined): CartItem["problem"] {
	if (!now?.onShelf) return "NOT_ON_SHELF";
	if (countBuyableUnits(now) < line.quantity) return "OUT_OF_STOCK";
	return now.price === line.addedPrice ? null : "PRICE_CHANGED";
}

function lineOf(cart: Cart, skuId: string): CartLine {
	const line = cart.lines.find(candidate => candidate.skuId === skuId);
	if (!line) throw new Refusal("NOT_FOUND", "The cart has no such line", { skuId });
	return line;
}

const notOnShelf = (skuIds: readonly string[]) => new Refusal("NOT_ON_SHELF", "Not on sale", { skuIds });

const swap = (lines: readonly CartLine[], line: CartLine): readonly CartLine[] =>
	lines.map(candidate => (candidate.skuId === line.skuId ? line : candidate));
