import type { Where } from "../../infrastructure/documents/collection";
import { withinTimeRange } from "../../infrastructure/documents/time-range";
import { SEEN, type Order } from "./order.domain";

export type Filter = {
	readonly status?: Order["status"] | undefined;
	readonly from?: string | undefined;
	readonly to?: string | undefined;
	readonly q?: string | undefined;
};

/** A search by name among the orders of all looks no further back than this, unless it says from when. */
const NAME_SEARCH_MS = 90 * 86_400_000;

/** Which orders a list shows. */
export function filtered({ status, from, to, q }: Filter, also: Where, now: Date): Where {
	const text = q?.trim() ?? "";
	const byNumber = /^\d{6,22}$/.test(text);
	const everyone = also["userId"] === undefined;
	const looksBack = everyone && text !== "" && !byNumber;
	const earliest = looksBack ? new Date(now.getTime() - NAME_SEARCH_MS).toISOString() : undefined;
	const createdAt = withinTimeRange({ from: from ?? earliest, to });
	return {
		...also,
		status: status ?? { $in: SEEN },
		...(createdAt && { createdAt }),
		...(byNumber && { orderNo: { $gte: text, $lt: `${text}:` } }),
		...(text !== "" && !byNumber && { "items.name": { $regex: escaped(text), $options: "i" } })
	};
}

/** What people type is looked for as it stands, never run as a pattern. MongoDB takes no NUL in one. */
const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&").replaceAll("\0", "\\x00");
