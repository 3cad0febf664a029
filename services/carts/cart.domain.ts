import type { CartItem } from "../../schemas/carts.contract";
import type { Demand } from "../../schemas/values/demand";
import { notFound, Refusal } from "../../schemas/errors/errors";
import {
	assertAvailable,
	refuseExceededLimits,
	type Goods,
	type GoodsBySku
} from "../../schemas/values/goods";

/** A line keeps product and name, so that it can be shown after its SKU has left the catalogue. */
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
	/** The last orders whose lines have left the cart, so that a repeated fact removes no line that was added since. */
	readonly ordered: readonly string[];
	/** The last guest carts that were merged into this one, so that a merge repeated after a crash changes nothing. */
	readonly merged: readonly string[];
	/** User into whose cart this guest's cart is merged; a closed cart accepts no more lines. */
	readonly closedFor?: string;
};

export const EMPTY: Cart = { lines: [], ordered: [], merged: [] };
export const MAX_LINES = 100;
/** Number of orders and of guest carts that a cart remembers. */
const MAX_MARKERS = 50;

/** Units that one buyer can have: those in stock, up to the purchase limit. */
export const countBuyableUnits = ({ available, limitPerUser }: Goods): number =>
	Math.min(available, limitPerUser ?? Infinity);

export const appendMarker = (markers: readonly string[], id: string): readonly string[] =>
	[...markers, id].slice(-MAX_MARKERS);

/** Refuses demand that can't be met as it stands, by the rules and in the order in which an order is refused. */
export function assertBuyable(
	demand: readonly Demand[],
	goods: GoodsBySku,
	fieldOf: (skuId: string) => string = () => "quantity"
): void {
	assertAvailable(demand, goods, fieldOf);
	refuseExceededLimits(
		demand.flatMap(({ skuId, quantity }) => {
			const limit = goods.get(skuId)?.limitPerUser ?? Infinity;
			return quantity > limit ? [{ skuId, limit, bought: 0, requested: quantity }] : [];
		})
	);
}

/** Adds units to those in the cart, at the present price, which the buyer has just seen. */
export function addUnits(cart: Cart, { skuId, quantity }: Demand, goods: GoodsBySku): Cart {
	const known = cart.lines.find(line => line.skuId === skuId);
	const total = quantity + (known?.quantity ?? 0);
	const sku = goods.get(skuId);
	if (!sku)
		throw known
			? new Refusal("NOT_ON_SHELF", "Not on sale", { skuIds: [skuId] })
			: notFound("sku", skuId);
	assertBuyable([{ skuId, quantity: total }], goods);
	if (!known && cart.lines.length >= MAX_LINES)
		throw new Refusal("LIMIT_REACHED", "The cart is full", { what: "cart_line", limit: MAX_LINES });
	const { productId, name, price } = sku;
	const line: CartLine = { skuId, productId, name, quantity: total, selected: true, addedPrice: price };
	return { ...cart, lines: known ? replaceLine(cart.lines, line) : [...cart.lines, line] };
}

type LineChange = { readonly quantity?: number | undefined; readonly selected?: boolean | undefined };
export function setLine(
	cart: Cart,
	skuId: string,
	{ quantity, selected }: LineChange,
	goods: GoodsBySku
): Cart {
	const line = getLine(cart, skuId);
	if (quantity !== undefined) assertBuyable([{ skuId, quantity }], goods);
	const changed = {
		...line,
		quantity: quantity ?? line.quantity,
		selected: selected ?? line.selected
	};
	return { ...cart, lines: replaceLine(cart.lines, changed) };
}

export function removeLine(cart: Cart, skuId: string): Cart {
	const removed = getLine(cart, skuId);
	return { ...cart, lines: cart.lines.filter(line => line !== removed) };
}

export const clearLines = (cart: Cart): Cart => ({ ...cart, lines: [] });

/** Selects the named lines, or all of them, or takes the selection away. */
export function selectLines(cart: Cart, skuIds: readonly string[] | "all", selected: boolean): Cart {
	if (skuIds !== "all") for (const skuId of skuIds) getLine(cart, skuId);
	const lines = cart.lines.map(line =>
		skuIds === "all" || skuIds.includes(line.skuId) ? { ...line, selected } : line
	);
	return { ...cart, lines };
}

/** Removes the lines of an order, once per order. */
export function dropOrderedLines(cart: Cart, orderId: string, skuIds: readonly string[]): Cart {
	if (cart.ordered.includes(orderId)) return cart;
	const lines = cart.lines.filter(line => !skuIds.includes(line.skuId));
	return { ...cart, lines, ordered: appendMarker(cart.ordered, orderId) };
}

export const getSelectedLines = (cart: Cart): Demand[] =>
	cart.lines.filter(line => line.selected).map(({ skuId, quantity }) => ({ skuId, quantity }));

/** The lines as their owner sees them, at present prices and stock. */
export const toCartItems = (cart: Cart, goods: GoodsBySku): CartItem[] =>
	cart.lines.map(line => {
		const now = goods.get(line.skuId);
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
			problem: findProblem(line, now)
		};
	});

export const isBuyable = ({ problem }: CartItem): boolean => problem === null || problem === "PRICE_CHANGED";

function findProblem(line: CartLine, now: Goods | undefined): CartItem["problem"] {
	if (!now?.onShelf) return "NOT_ON_SHELF";
	if (countBuyableUnits(now) < line.quantity) return "OUT_OF_STOCK";
	return now.price === line.addedPrice ? null : "PRICE_CHANGED";
}

function getLine(cart: Cart, skuId: string): CartLine {
	const line = cart.lines.find(candidate => candidate.skuId === skuId);
	if (!line) throw notFound("cart_line", skuId);
	return line;
}

const replaceLine = (lines: readonly CartLine[], line: CartLine): readonly CartLine[] =>
	lines.map(candidate => (candidate.skuId === line.skuId ? line : candidate));
