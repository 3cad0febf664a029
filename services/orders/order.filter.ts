import type { Where } from "../../mixins/store/adapter";
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
	const earliest =
		from !== undefined
			? new Date(from)
			: everyone && text !== "" && !byNumber
				? new Date(now.getTime() - NAME_SEARCH_MS)
				: undefined;
	const createdAt = {
		...(earliest && { $gte: earliest }),
		...(to !== undefined && { $lte: new Date(to) })
	};
	return {
		...also,
		status: status ?? { $in: SEEN },
		...(Object.keys(createdAt).length > 0 && { createdAt }),
		...(byNumber && { orderNo: { $gte: text, $lt: `${text}:` } }),
		...(text !== "" && !byNumber && { "items.name": { $regex: escaped(text), $options: "i" } })
	};
}

/** What people type is looked for as it stands, never run as a pattern. MongoDB takes no NUL in one. */
const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&").replaceAll("\0", "\\x00");
