import type { Where } from "../../mixins/store.mixin";
import { withinTimeRange } from "../../schemas/values/time-range";
import { DAY_MS } from "../../schemas/values/durations";
import { fold } from "../../schemas/values/text";
import { isOrderNumber } from "./order-number.domain";
import { VISIBLE_STATUSES, type Order } from "./order.domain";

export type OrderFilter = {
	readonly status?: Order["status"] | undefined;
	readonly from?: string | undefined;
	readonly to?: string | undefined;
	readonly q?: string | undefined;
};

export type OrderFilterOptions = {
	/** Staff also find orders by the code of a SKU and by the end of an order number. */
	readonly byStaff?: boolean;
};

/** How far back a search by text among everyone's orders goes without `from`: no index serves it, so the range bounds its cost. */
const TEXT_SEARCH_RANGE_MS = 90 * DAY_MS;
/** The digits of an order number that are looked for at its beginning; fewer would be a year and a month, found in many names. */
const NUMBER_BEGINNING = /^\d{6,22}$/;
const NUMBER_ENDING = /^\d{4,22}$/;

/**
 * Filter of an order list. `scope` is what the caller may see at all; without `userId` in it the list is everyone's. A number
 * in `q` finds orders of any age by the beginning of theirs, and may be part of a text as well.
 */
export function buildOrderFilter(
	{ status, from, to, q = "" }: OrderFilter,
	scope: Where<Order>,
	now: Date,
	options: OrderFilterOptions = {}
): Where<Order> {
	const text = fold(q);
	const visible = { ...scope, status: status ?? { $in: VISIBLE_STATUSES } };
	const listed = { ...visible, ...createdWithin(from, to) };
	if (text === "") return listed;
	if (isOrderNumber(text)) return { ...listed, orderNo: text };
	const everyone = scope["userId"] === undefined;
	const earliest = new Date(now.getTime() - TEXT_SEARCH_RANGE_MS).toISOString();
	const textFrom = from ?? (everyone ? earliest : undefined);
	const hasText = textFilter(text, options);
	if (!NUMBER_BEGINNING.test(text)) return { ...visible, ...createdWithin(textFrom, to), ...hasText };
	const byNumber = { orderNo: { $gte: text, $lt: `${text}:` } };
	return { ...listed, $or: [byNumber, { ...createdWithin(textFrom, to), ...hasText }] };
}

function createdWithin(from: string | undefined, to: string | undefined): Where<Order> {
	const createdAt = withinTimeRange({ from, to });
	return createdAt ? { createdAt } : {};
}

/** Orders with the folded text anywhere in the texts that the caller may search. */
function textFilter(text: string, { byStaff = false }: OrderFilterOptions): Where<Order> {
	const part = { $regex: escapeRegex(text) };
	if (!byStaff) return { nameKeys: part };
	const byEnding = NUMBER_ENDING.test(text) ? [{ orderNo: { $regex: `${text}$` } }] : [];
	return { $or: [{ nameKeys: part }, { codeKeys: part }, ...byEnding] };
}

/** Escapes what people type, so that it is never run as a pattern. */
const escapeRegex = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
