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

/** A search by name among the orders of all looks no further back than this, unless it says from when. */
const NAME_SEARCH_MS = 90 * DAY_MS;

/** Which orders a list shows. */
export function buildOrderFilter({ status, from, to, q }: OrderFilter, also: Where, now: Date): Where {
	const text = q?.trim() ?? "";
	const byNumber = /^\d{6,22}$/.test(text);
	const everyone = also["userId"] === undefined;
	const looksBack = everyone && text !== "" && !byNumber;
	const earliest = looksBack ? new Date(now.getTime() - NAME_SEARCH_MS).toISOString() : undefined;
	const createdAt = withinTimeRange({ from: from ?? earliest, to });
	return {
		...also,
		status: status ?? { $in: VISIBLE_STATUSES },
		...(createdAt && { createdAt }),
		...(byNumber && { orderNo: { $gte: text, $lt: `${text}:` } }),
		...(text !== "" && !byNumber && { "items.name": { $regex: escaped(text), $options: "i" } })
	};
}

/** What people type is looked for as it stands, never run as a pattern. MongoDB takes no NUL in one. */
const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&").replaceAll("\0", "\\x00");
