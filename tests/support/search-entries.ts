import type { SearchEntry } from "../../schemas/search.contract";
import type { CatalogueNames } from "../../services/search/index/catalogue-names.domain";

type Sku = SearchEntry["skus"][number];

export const aSku = (more: Partial<Sku> & Pick<Sku, "id">): Sku => ({
	code: more.id,
	name: null,
	price: 1000,
	level: "in",
	levelVersion: 1,
	attributes: {},
	...more
});

export const anEntry = (more: Partial<SearchEntry> & Pick<SearchEntry, "id">): SearchEntry => ({
	version: 1,
	name: `商品 ${more.id}`,
	subtitle: null,
	description: null,
	categoryId: "leaf1",
	brandId: null,
	attributes: {},
	sales: 0,
	rating: 0,
	skus: [aSku({ id: `${more.id}-1` })],
	...more
});

const aCategory = (id: string, name: string, children: CatalogueNames["categories"] = []) => ({
	id,
	name,
	level: 1,
	parentId: null,
	sort: 0,
	icon: null,
	children
});

/** Two leaves under a root, and a root without any below it. */
export const NAMES: CatalogueNames = {
	categories: [
		aCategory("root", "数码", [aCategory("leaf1", "智能手机"), aCategory("leaf2", "手机壳")]),
		aCategory("other", "服装")
	],
	brands: [
		{ id: "b1", name: "小米" },
		{ id: "b2", name: "Anker" }
	],
	facets: ["颜色", "尺码", "产地"]
};
