import type { PayloadOf } from "../../schemas/kit/contract";
import type { products as contract } from "../../schemas/products.contract";
import type { SearchEntry } from "../../schemas/search.contract";
import type { Product } from "./product.domain";
import type { ProductsContext } from "./products.context";

const PAGE_SIZE = 100;
/** Of a description only the beginning is searched. */
const DESCRIPTION_LENGTH = 2000;
const FIELDS = [
	"version",
	"name",
	"subtitle",
	"description",
	"categoryId",
	"brandId",
	"attributes",
	"sales",
	"ratingScore",
	"skus"
];

/** Products on the shelf, in the form in which the search index keeps them. */
export async function readSearchEntries(
	{ products }: ProductsContext,
	{ ids, before }: PayloadOf<(typeof contract)["actions"]["searchEntries"]>
): Promise<SearchEntry[]> {
	const range = ids ? { _id: { $in: ids } } : before === undefined ? {} : { _id: { $lt: before } };
	const found = await products.find(
		{ status: "on_shelf", ...range },
		{ fields: FIELDS, sort: { _id: -1 }, limit: PAGE_SIZE }
	);
	return found.map(toEntry);
}

const toEntry = (product: Product): SearchEntry => ({
	id: product._id,
	version: product.version,
	name: product.name,
	subtitle: product.subtitle,
	description: product.description?.slice(0, DESCRIPTION_LENGTH).toWellFormed() ?? null,
	categoryId: product.categoryId,
	brandId: product.brandId,
	attributes: product.attributes,
	sales: product.sales,
	rating: product.ratingScore,
	skus: product.skus.map(({ id, code, name, price, level, levelVersion, attributes }) => ({
		id,
		code,
		name,
		price,
		level,
		levelVersion,
		attributes
	}))
});
