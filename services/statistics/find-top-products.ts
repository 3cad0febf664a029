import type { StatisticsContext } from "./statistics.context";
import { productDayId, rankProducts, sumLines, type ProductDay, type SoldLine } from "./tally.domain";

const MOST = 10;
/** Products of a day that are read at a time, the best first. */
const STEP = 200;
/** Ids in one query. */
const IDS_PER_READ = 500;

/**
 * The products that brought most in these days. Reads each day from its best product down until no product that was not seen
 * can be among them: the threshold algorithm of Fagin, Lotem and Naor (2001).
 */
export async function findTopProducts(
	{ products }: Pick<StatisticsContext, "products">,
	days: readonly string[]
): Promise<SoldLine[]> {
	const seen = new Map<string, ProductDay>();
	const candidates = new Set<string>();
	let open = [...days];
	for (let skip = 0; ; skip += STEP) {
		const pages = await Promise.all(
			open.map(async day => ({
				day,
				page: await products.find({ day }, { sort: { revenue: -1, _id: 1 }, skip, limit: STEP })
			}))
		);
		for (const found of pages.flatMap(({ page }) => page)) {
			seen.set(found._id, found);
			candidates.add(found.productId);
		}
		const unread = pages.filter(({ page }) => page.length === STEP);
		open = unread.map(({ day }) => day);
		if (!open.length) return rankProducts(sumLines([...seen.values()]), MOST);
		const rest = [...candidates].flatMap(id => open.map(day => productDayId(day, id)));
		await readMissing(products, seen, rest);
		const best = rankProducts(sumLines([...seen.values()]), MOST);
		const threshold = unread.reduce((sum, { page }) => sum + (page.at(-1)?.revenue ?? 0), 0);
		if (best.length === MOST && (best.at(-1)?.revenue ?? 0) > threshold) return best;
	}
}

async function readMissing(
	products: StatisticsContext["products"],
	seen: Map<string, ProductDay>,
	ids: readonly string[]
): Promise<void> {
	const missing = ids.filter(id => !seen.has(id));
	for (let from = 0; from < missing.length; from += IDS_PER_READ)
		for (const found of await products.find({ _id: { $in: missing.slice(from, from + IDS_PER_READ) } }))
			seen.set(found._id, found);
}
