import type { Where } from "../../mixins/store.mixin";
import { withinTimeRange } from "../../schemas/time-range";
import { DAY_MS } from "../../schemas/durations";
import { VISIBLE_STATUSES, type Order } from "./order.domain";

export type OrderFilter = {
	readonly status?: Order["status"] | undefined;
	readonly from?: string | undefined;
	readonly to?: string | undefined;
	readonly q?: string | undefined;
};

/** How far back a search by name among everyone's orders goes without `from`: no index serves it, so the range bounds its cost. */
const NAME_SEARCH_RANGE_MS = 90 * DAY_MS;

/** Filter of an order list. `scope` is what the caller may see at all; without `userId` in it the list is everyone's. */
export function buildOrderFilter(
	{ status, from, to, q }: OrderFilter,
	scope: Where<Order>,
	now: Date
): Where<Order> {
	const text = q?.trim() ?? "";
	const byNumber = /^\d{6,22}$/.test(text);
	const everyone = scope["userId"] === undefined;
	const byName = text !== "" && !byNumber;
	const earliest =
		everyone && byName ? new Date(now.getTime() - NAME_SEARCH_RANGE_MS).toISOString() : undefined;
	const createdAt = withinTimeRange({ from: from ?? earliest, to });
	return {
		...scope,
		status: status ?? { $in: VISIBLE_STATUSES },
		...(createdAt && { createdAt }),
		...(byNumber && { orderNo: { $gte: text, $lt: `${text}:` } }),
		...(byName && { "items.name": { $regex: escapeRegex(text), $options: "i" } })
	};
}

/** Escapes what people type, so that it is never run as a pattern. NUL is written as `\\x00`, since MongoDB allows none in a pattern. */
const escapeRegex = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&").replaceAll("\0", "\\x00");
