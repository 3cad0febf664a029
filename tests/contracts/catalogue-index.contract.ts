import fc from "fast-check";
import type { SearchEntry, SearchQuery, SearchResult } from "../../schemas/search.contract";
import type { CatalogueIndex } from "../../services/search/catalogue-index";
import type { CatalogueNames } from "../../services/search/index/catalogue-names.domain";
import { anEntry, aSku, NAMES } from "../support/search-entries";
import { describeKnownQueries } from "./known-queries.contract";

export type Bench = {
	/** An index of the products alone. Of an id that stands twice, the last entry is the present one. */
	makeIndex(entries: readonly SearchEntry[], names?: CatalogueNames): Promise<CatalogueIndex>;
	/** Catalogues that are stored together, each found by its products: a search engine takes as long for one as for many. */
	readonly together?: number;
	/** Stores products that were read later. */
	store(index: CatalogueIndex, entries: readonly SearchEntry[], gone?: readonly string[]): Promise<void>;
};

/** Random catalogues with a query each. 10,000 with SEARCH_RUNS=10000. */
export const RUNS = Number(process.env["SEARCH_RUNS"] ?? 150);

const PATHS: Record<string, string[]> = {
	leaf1: ["leaf1", "root"],
	leaf2: ["leaf2", "root"],
	other: ["other"]
};
const words = ["苹果", "iphone", "保温杯", "围巾"];
const colour = fc.constantFrom("黑", "白", "红");
const size = fc.constantFrom("S", "M");

const anySku = fc.record({
	price: fc.constantFrom(100, 4999, 5000, 10_000, 99_999),
	level: fc.constantFrom("in" as const, "low" as const, "out" as const),
	attributes: fc.record({ 颜色: colour, 尺码: size, 款号: fc.constantFrom("a", "b") }, { requiredKeys: [] })
});
const anyEntry = fc.record({
	name: fc.subarray(words, { minLength: 1 }),
	categoryId: fc.constantFrom("leaf1", "leaf2", "other", "hidden"),
	brandId: fc.constantFrom(null, "b1", "b2"),
	attributes: fc.record({ 产地: fc.constantFrom("杭州", "深圳"), 颜色: colour }, { requiredKeys: [] }),
	sales: fc.nat(3),
	rating: fc.nat(3),
	skus: fc.array(anySku, { minLength: 1, maxLength: 3 })
});
/** Products, and some of them once more: their second form replaces the first. */
export const anyCatalogue = fc.array(fc.tuple(fc.nat(11), anyEntry), { maxLength: 25 }).map(made =>
	made.map(([n, { name, skus, ...rest }], version): SearchEntry => {
		const id = `P${String(n).padStart(2, "0")}`;
		return anEntry({
			...rest,
			id,
			version,
			name: name.join(" "),
			skus: skus.map((sku, i) => aSku({ ...sku, id: `${id}-${i + 1}`, levelVersion: version }))
		});
	})
);
export const anyQuery = fc.record(
	{
		q: fc.constantFrom(...words, "苹果 围巾", "无"),
		categoryId: fc.constantFrom("root", "leaf1", "leaf2", "other", "none"),
		brandIds: fc.subarray(["b1", "b2", "none"], { minLength: 1 }),
		minPrice: fc.constantFrom(0, 4999, 5000),
		maxPrice: fc.constantFrom(100, 5000, 99_999),
		inStock: fc.boolean(),
		attributes: fc.record(
			{
				颜色: fc.subarray(["黑", "白", "绿"], { minLength: 1 }),
				尺码: fc.subarray(["S", "M"], { minLength: 1 }),
				产地: fc.constant(["杭州"])
			},
			{ requiredKeys: [] }
		)
	},
	{ requiredKeys: [] }
);
export const anySort = fc.constantFrom(
	"relevance",
	"price_asc",
	"price_desc",
	"sales",
	"newest",
	"rating" as const
);

type Filters = Omit<SearchQuery, "sort">;
/** The conditions of a query by the facet that leaves them out. */
const CONDITIONS: Record<
	string,
	(query: Filters, entry: SearchEntry, sku: SearchEntry["skus"][number]) => boolean
> = {
	category: ({ categoryId }, entry) =>
		categoryId === undefined || PATHS[entry.categoryId]!.includes(categoryId),
	brand: ({ brandIds }, entry) => !brandIds || brandIds.includes(entry.brandId ?? ""),
	price: ({ minPrice = 0, maxPrice = Infinity }, _entry, { price }) =>
		price >= minPrice && price <= maxPrice,
	stock: ({ inStock }, _entry, { level }) => inStock === undefined || inStock === (level !== "out")
};
const hasValue = (
	entry: SearchEntry,
	sku: SearchEntry["skus"][number],
	name: string,
	values: readonly string[]
) =>
	[entry.attributes[name], sku.attributes[name]].some(
		value => value !== undefined && values.includes(value)
	);

/** SKUs that meet every condition but the one left out; by a plain loop over everything. */
function matchingSkus(entry: SearchEntry, query: Filters, leftOut?: string) {
	const hasWords = (query.q ?? "").split(" ").every(word => word === "" || entry.name.includes(word));
	if (!PATHS[entry.categoryId] || !hasWords) return [];
	return entry.skus.filter(
		sku =>
			Object.entries(CONDITIONS).every(
				([name, meets]) => name === leftOut || meets(query, entry, sku)
			) &&
			Object.entries(query.attributes ?? {}).every(
				([name, values]) => name === leftOut || hasValue(entry, sku, name, values)
			)
	);
}

const count = <K>(keys: Iterable<K>) => {
	const counts = new Map<K, number>();
	for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
	return counts;
};
const STEPS = [0, 5000, 10_000, 20_000, 50_000, 100_000];

function countFacets(entries: readonly SearchEntry[], query: Filters) {
	const left = (leftOut: string) =>
		entries
			.map(entry => ({ entry, skus: matchingSkus(entry, query, leftOut) }))
			.filter(({ skus }) => skus.length);
	return {
		categories: count(left("category").flatMap(({ entry }) => PATHS[entry.categoryId]!)),
		brands: count(left("brand").flatMap(({ entry }) => entry.brandId ?? [])),
		prices: count(
			left("price").flatMap(({ skus }) => [
				...new Set(skus.map(({ price }) => STEPS.findLast(step => step <= price)!))
			])
		),
		attributes: count(
			NAMES.facets.flatMap(name =>
				left(name).flatMap(({ entry, skus }) => [
					...new Set(
						skus
							.flatMap(sku => [entry.attributes[name], sku.attributes[name]])
							.filter(value => value !== undefined)
							.map(value => `${name}=${value}`)
					)
				])
			)
		)
	};
}

const toCounts = ({ categories, brands, prices, attributes }: NonNullable<SearchResult["facets"]>) => ({
	categories: new Map(categories.map(({ id, count: n }) => [id, n])),
	brands: new Map(brands.map(({ id, count: n }) => [id, n])),
	prices: new Map(prices.map(({ from, count: n }) => [from, n])),
	attributes: new Map(
		attributes.flatMap(({ name, values }) =>
			values.map(({ value, count: n }) => [`${name}=${value}`, n] as const)
		)
	)
});

/** Catalogues to be stored together, each with something to ask of it, and the scope of its own products where they are several. */
export const someCatalogues = <A>({ together = 1 }: Pick<Bench, "together">, asked: fc.Arbitrary<A>) =>
	fc
		.array(fc.record({ catalogue: anyCatalogue, asked }), { minLength: together, maxLength: together })
		.map(cases =>
			cases.map(({ catalogue, asked: each }, n) => {
				const own = catalogue.map(entry => ofCatalogue(entry, String(n).padStart(3, "0")));
				const productIds = ["none", ...new Set(own.map(({ id }) => id))];
				return { catalogue: own, asked: each, scope: together > 1 ? { scope: { productIds } } : {} };
			})
		);

const ofCatalogue = (entry: SearchEntry, name: string): SearchEntry => ({
	...entry,
	id: `${entry.id}-${name}`,
	skus: entry.skus.map(sku => ({ ...sku, id: `${sku.id}-${name}` }))
});

/** Ten thousand catalogues take a search engine some while. */
export const PROPERTY_MS = 3_600_000;

/** What lists with words, filters and facets rely on. */
export function catalogueIndexContract(bench: Bench): void {
	it(
		"finds and counts what a plain loop over the catalogue finds and counts",
		async () => {
			await fc.assert(
				fc.asyncProperty(someCatalogues(bench, anyQuery), async cases => {
					const index = await bench.makeIndex(cases.flatMap(({ catalogue }) => catalogue));

					for (const { catalogue, asked: query, scope } of cases) {
						const latest = [...new Map(catalogue.map(entry => [entry.id, entry])).values()];
						const { items, facets, total } = await index.search({
							...query,
							...scope,
							sort: "newest",
							facets: true,
							pageSize: 100
						});

						const expected = latest
							.map(entry => ({
								id: entry.id,
								skuIds: matchingSkus(entry, query).map(({ id }) => id)
							}))
							.filter(({ skuIds }) => skuIds.length)
							.sort((a, b) => (a.id < b.id ? 1 : -1));
						expect(items.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
						for (const [i, { skuIds }] of items.entries())
							if (skuIds) expect(skuIds).toEqual(expected[i]!.skuIds);
						expect(total).toBe(expected.length);
						expect(toCounts(facets!)).toEqual(countFacets(latest, query));
					}
				}),
				{ numRuns: Math.ceil(RUNS / (bench.together ?? 1)) }
			);
		},
		PROPERTY_MS
	);

	it(
		"leads through every order by cursor without repeating or skipping, also while other products come and go",
		async () => {
			await fc.assert(
				fc.asyncProperty(anyCatalogue, anySort, fc.nat(4), async (catalogue, sort, extra) => {
					const index = await bench.makeIndex(catalogue);
					const ask = (more: object = {}) => index.search({ q: "苹果", sort, ...more });
					const all = (await ask({ pageSize: 100 })).items.map(({ id }) => id);

					const walked: string[] = [];
					for (let cursor: string | null = null, n = 0; n < 40; n++) {
						const page: SearchResult = await ask({
							pageSize: 2,
							...(cursor !== null && { cursor })
						});
						walked.push(...page.items.map(({ id }) => id));
						cursor = page.nextCursor;
						const isNew = n < extra;
						if (isNew)
							await bench.store(index, [anEntry({ id: `Z${n}`, name: "苹果", sales: n })]);
						else await bench.store(index, [], [`Z${n - extra}`]);
						if (cursor === null) break;
					}

					expect(walked.filter(id => !id.startsWith("Z"))).toEqual(all);
				}),
				{ numRuns: Math.min(RUNS, 150) }
			);
		},
		PROPERTY_MS
	);

	it("keeps the latest stock level, in whatever order they come", async () => {
		const levels = [
			{ level: "in", version: 2 },
			{ level: "out", version: 3 },
			{ level: "low", version: 1 }
		] as const;
		await fc.assert(
			fc.asyncProperty(fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), async order => {
				const sku = aSku({ id: "P1-1", levelVersion: 0 });
				const index = await bench.makeIndex([anEntry({ id: "P1", skus: [sku] })]);
				for (const i of order) index.setLevel({ productId: "P1", skuId: "P1-1", ...levels[i]! });
				const changed = anEntry({ id: "P1", version: 2, name: "新", skus: [sku] });
				await bench.store(index, [changed]);

				expect((await index.search({ inStock: true, sort: "newest" })).total).toBe(0);
			}),
			{ numRuns: 20 }
		);
	});

	it.each([
		["a name before a brand", "小米", ["name", "brand", "detail", "description"]],
		["a phone before its case", "手机", ["phone", "case"]]
	])("ranks %s", async (_what, q, expected) => {
		const index = await bench.makeIndex([
			anEntry({ id: "description", categoryId: "other", name: "灯", description: "适配小米" }),
			anEntry({ id: "detail", categoryId: "other", name: "灯", subtitle: "小米生态" }),
			anEntry({ id: "brand", categoryId: "other", name: "灯", brandId: "b1" }),
			anEntry({ id: "name", categoryId: "other", name: "小米灯" }),
			anEntry({ id: "case", categoryId: "leaf2", name: "手机壳", sales: 99 }),
			anEntry({ id: "phone", categoryId: "leaf1", name: "手机" })
		]);

		const { items } = await index.search({ q, sort: "default" });

		expect(items.map(({ id }) => id)).toEqual(expected);
	});

	it("finds the goods of a promotion: the union of its lists, less what it leaves out", async () => {
		const index = await bench.makeIndex([
			anEntry({ id: "P1", categoryId: "leaf1" }),
			anEntry({ id: "P2", categoryId: "leaf2", brandId: "b1" }),
			anEntry({ id: "P3", categoryId: "other", skus: [aSku({ id: "P3-1" }), aSku({ id: "P3-2" })] }),
			anEntry({ id: "P4", categoryId: "other" })
		]);
		const find = async (scope: SearchQuery["scope"]) =>
			(await index.search({ scope, sort: "newest" })).items.map(({ id, skuIds }) => [id, ...skuIds!]);

		expect(await find({ categoryIds: ["root"], skuIds: ["P3-2"], not: { brandIds: ["b1"] } })).toEqual([
			["P3", "P3-2"],
			["P1", "P1-1"]
		]);
		expect(await find({ all: true, not: { productIds: ["P1", "P2"], skuIds: ["P3-1"] } })).toEqual([
			["P4", "P4-1"],
			["P3", "P3-2"]
		]);
	});

	it("suggests words, categories, brands and products", async () => {
		const index = await bench.makeIndex([
			anEntry({ id: "P1", categoryId: "leaf1", brandId: "b1", name: "小米手机" }),
			anEntry({ id: "P2", categoryId: "leaf2", name: "手机壳" })
		]);

		expect(await index.suggest("手机", ["手机支架", "耳机"])).toEqual([
			{ text: "手机支架", kind: "query" },
			{ text: "智能手机", kind: "category", id: "leaf1" },
			{ text: "手机壳", kind: "category", id: "leaf2" },
			{ text: "小米手机", kind: "product", id: "P1" },
			{ text: "手机壳", kind: "product", id: "P2" }
		]);
		expect(await index.suggest("小", [])).toContainEqual({ text: "小米", kind: "brand", id: "b1" });
	});

	describeKnownQueries(bench);
}
