import type { Where } from "../../mixins/store.mixin";
import { DAY_MS } from "../../schemas/values/durations";
import { firstIdAt } from "../../schemas/values/id-times";
import { fold } from "../../schemas/values/text";
import { getTimesOfNumbers, isOrderNumber } from "./order-number.domain";
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
/** Digits of the beginning beyond those that a range of times covers. */
const WITHIN_A_SECOND = 13;

/**
 * Filter of an order list, where the text of `q` is part of an item's name. `scope` is what the caller may see at all;
 * without `userId` in it the list is everyone's.
 */
export function buildOrderFilter(
	{ status, from, to, q = "" }: OrderFilter,
	scope: Where<Order>,
	now: Date,
	options: OrderFilterOptions = {}
): Where<Order> {
	const text = fold(q);
	const visible = { ...scope, status: status ?? { $in: VISIBLE_STATUSES } };
	if (text === "") return { ...visible, ...createdWithin(from, to) };
	const everyone = scope["userId"] === undefined;
	const earliest = new Date(now.getTime() - TEXT_SEARCH_RANGE_MS).toISOString();
	return {
		...visible,
		...createdWithin(from ?? (everyone ? earliest : undefined), to),
		...textFilter(text, options)
	};
}

/** Filter by the order number that `q` is or begins; null where `q` can be neither. */
export function buildNumberFilter(
	{ status, from, to, q = "" }: OrderFilter,
	scope: Where<Order>
): Where<Order> | null {
	const text = fold(q);
	const listed = {
		...scope,
		status: status ?? { $in: VISIBLE_STATUSES },
		...createdWithin(from, to)
	};
	if (isOrderNumber(text)) return { ...listed, orderNo: text };
	const times = NUMBER_BEGINNING.test(text) ? getTimesOfNumbers(text) : null;
	if (!times) return null;
	const ids = createdWithin(times.from.toISOString(), times.to.toISOString());
	const exactly = text.length >= WITHIN_A_SECOND ? { orderNo: { $gte: text, $lt: `${text}:` } } : {};
	return { $and: [listed, { ...ids, ...exactly }] };
}

/** Orders of a time range, `from` ≤ time < `to`, as the range of their ids: an id begins with the order's time. */
function createdWithin(from: string | undefined, to: string | undefined): Where<Order> {
	if (from === undefined && to === undefined) return {};
	return {
		_id: {
			...(from !== undefined && { $gte: firstIdAt(from) }),
			...(to !== undefined && { $lt: firstIdAt(to) })
		}
	};
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
