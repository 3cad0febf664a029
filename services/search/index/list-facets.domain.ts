import type { Facets } from "../../../schemas/search.contract";
import type { NameTable } from "./catalogue-names.domain";

/** Lower ends of the price ranges, in fen; the last range is open. */
export const PRICE_STEPS = [0, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000].map(yuan => yuan * 100);
/** The number of the range that the price is in. */
export function findPriceStep(price: number): number {
	let step = PRICE_STEPS.length - 1;
	while (step > 0 && (PRICE_STEPS[step] ?? 0) > price) step--;
	return step;
}
/** Most entries of a facet; the largest ones are shown. */
const MAX_ENTRIES = 500;

type Counts = Iterable<readonly [id: string, count: number]>;

/** A category shows as many products as a list of it would have, so those below it count as well. */
export function listCategories(ofThemselves: Counts, { categories }: NameTable): Facets["categories"] {
	const counts = new Map<string, number>();
	for (const [own, count] of ofThemselves)
		for (const id of categories.get(own)?.path ?? []) counts.set(id, (counts.get(id) ?? 0) + count);
	return largest([...counts].map(([id, count]) => ({ id, name: categories.get(id)?.name ?? id, count })));
}

export const listBrands = (counts: Counts, { brands }: NameTable): Facets["brands"] =>
	largest(Array.from(counts, ([id, count]) => ({ id, name: brands.get(id)?.name ?? id, count })));

/** @param counts By the number of the range. */
export const toPriceRanges = (counts: ArrayLike<number>): Facets["prices"] =>
	PRICE_STEPS.flatMap((from, i) => {
		const count = counts[i] ?? 0;
		return count ? [{ from, to: PRICE_STEPS[i + 1] ?? null, count }] : [];
	});

/** The entries by attribute, the attributes by their names. */
export const listAttributes = (
	counts: Iterable<{ readonly attribute: string; readonly value: string; readonly count: number }>
): Facets["attributes"] =>
	[...Map.groupBy(counts, ({ attribute }) => attribute)]
		.map(([name, found]) => ({
			name,
			values: largest(found.map(({ value, count }) => ({ name: value, count }))).map(
				({ name: value, count }) => ({ value, count })
			)
		}))
		.sort((a, b) => compareTexts(a.name, b.name));

const compareTexts = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The largest entries first, those of one size by their names. */
const largest = <E extends { readonly name: string; readonly count: number }>(entries: E[]): E[] =>
	entries.sort((a, b) => b.count - a.count || compareTexts(a.name, b.name)).slice(0, MAX_ENTRIES);
