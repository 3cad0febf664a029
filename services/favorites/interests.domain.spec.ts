import fc from "fast-check";
import { createInterests, MAX_HISTORY, recordView, type Interest } from "./interests.domain";

const view = (productId: string, minute: number): Interest => ({
	productId,
	addedAt: new Date(minute * 60_000),
	priceThen: 1
});
const look = (products: readonly string[]): readonly Interest[] =>
	products.reduce<readonly Interest[]>((entries, productId, minute) => {
		const before = { ...createInterests("u"), entries };
		return recordView(before, view(productId, 2 * minute)) ?? entries;
	}, []);

it("has each product once, the latest first, and no more than it may", () => {
	const products = fc.array(
		fc.integer({ min: 0, max: 260 }).map(n => `p${n}`),
		{ maxLength: 400 }
	);
	fc.assert(
		fc.property(products, seen => {
			const expected = [...new Set(seen.toReversed())].slice(0, MAX_HISTORY);
			expect(look(seen).map(({ productId }) => productId)).toEqual(expected);
		}),
		{ numRuns: 50 }
	);
});

it("does not note a product again that is still being looked at", () => {
	const before = { ...createInterests("u"), entries: [view("p", 0)] };

	expect(recordView(before, { ...view("p", 0), addedAt: new Date(59_000) })).toBeNull();
	expect(recordView(before, view("p", 1))).toEqual([view("p", 1)]);
});
