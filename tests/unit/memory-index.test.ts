import fc from "fast-check";
import { anyCatalogue, catalogueIndexContract } from "../contracts/catalogue-index.contract";
import { NAMES } from "../support/search-entries";
import { MemoryIndex } from "../../services/search/memory-index";

catalogueIndexContract({
	async makeIndex(entries, names = NAMES) {
		const index = new MemoryIndex();
		index.words.setNames(names);
		await index.store({ entries, gone: [], version: 1 });
		return index;
	},
	store: (index, entries, gone = []) => index.store({ entries, gone, version: 2 })
});

const anyLevel = fc.record({
	product: fc.nat(24),
	sku: fc.nat(2),
	level: fc.constantFrom("in" as const, "low" as const, "out" as const)
});

it("has the facets of a category, kept up through sales and removals, that counting its products gives", async () => {
	await fc.assert(
		fc.asyncProperty(
			anyCatalogue,
			fc.array(anyLevel),
			fc.subarray([0, 1, 2, 3, 4, 5]),
			async (entries, levels, removed) => {
				const index = new MemoryIndex();
				index.words.setNames(NAMES);
				await index.store({ entries, gone: [], version: 1 });
				for (const [i, { product, sku, level }] of levels.entries()) {
					const entry = entries[product];
					const skuId = entry?.skus[sku]?.id;
					if (entry && skuId)
						index.setLevel({ productId: entry.id, skuId, level, version: 100 + i });
				}
				const gone = removed.flatMap(i => entries[i]?.id ?? []);
				await index.store({ entries: [], gone, version: 2 });

				for (const categoryId of [undefined, "root", "leaf1"])
					for (const inStock of [undefined, true]) {
						const asked = { sort: "newest", facets: true, categoryId, inStock } as const;
						// A filter that every SKU meets makes the index count.
						const counted = await index.search({ ...asked, maxPrice: 1_000_000 });
						expect((await index.search(asked)).facets).toEqual(counted.facets);
					}
			}
		),
		{ numRuns: 60 }
	);
});
