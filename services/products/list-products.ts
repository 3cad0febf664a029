import { Errors } from "moleculer";
import { isRefusal, Refusal } from "../../schemas/errors/errors";
import type { AnswerOf } from "../../schemas/kit/contract";
import { DEFAULT_PAGE_SIZE } from "../../schemas/kit/rules";
import type { Ctx } from "../../schemas/kit/service";
import type { ProductListing, products as contract } from "../../schemas/products.contract";
import type { OfferScope } from "../../schemas/promotions.contract";
import { call } from "../../schemas/registry";
import type { SearchResult } from "../../schemas/search.contract";
import { fetchOffers } from "./fetch-offers";
import { buildListFilter, isIndexCursor, parseAttributes, SORTS } from "./product-query.domain";
import * as view from "./product-view.domain";
import { isInStock, type Product } from "./product.domain";
import type { ProductsContext } from "./products.context";
import { readCachedProducts, readPage } from "./read-products";

type Listed = AnswerOf<(typeof contract)["actions"]["list"]>;
type Asked = Omit<ProductListing, "promotionId">;

/** Time-out of the search index; afterwards the documents answer what they can. */
const SEARCH_TIMEOUT_MS = 2500;

/**
 * A list for shoppers. Lists by age of everything, a category or a brand are read from the documents, all others found by the
 * search index. While that is away the documents answer whatever asks for neither words nor facets.
 */
export async function listProducts(
	context: ProductsContext,
	ctx: Ctx<unknown>,
	{ promotionId, ...asked }: ProductListing
): Promise<Listed> {
	const scope =
		promotionId === undefined ? undefined : await call(ctx, "promotions.scope", { id: promotionId });
	if (scope === null) return nothingFound(asked);
	if (!wantsIndex(asked)) return listFromDocuments(context, ctx, asked, scope);
	const found = await findByIndex(ctx, asked, scope);
	if (!found) return listFromDocuments(context, ctx, asked, scope);
	sendQueryInBackground(ctx, asked, found);
	const { items, nextCursor, ...page } = found;
	return { ...page, items: await showFound(context, ctx, items), nextCursor };
}

function nothingFound({ page = 1, pageSize = DEFAULT_PAGE_SIZE, facets }: Asked): Listed {
	const empty = { categories: [], brands: [], prices: [], attributes: [] };
	return { items: [], page, pageSize, total: 0, ...(facets && { facets: empty }) };
}

const hasWords = ({ q }: Asked): boolean => q !== undefined && q.trim() !== "";

/** Whether only the index can answer. */
const needsIndex = (asked: Asked): boolean =>
	hasWords(asked) || asked.facets === true || (asked.cursor !== undefined && isIndexCursor(asked.cursor));

/** Whether the index answers better: filters that one SKU must meet together, and cursors in every order. */
function wantsIndex(asked: Asked): boolean {
	const { minPrice, maxPrice, inStock, attr, sort = "default" } = asked;
	const ofSkus = [minPrice, maxPrice, inStock, attr].some(filter => filter !== undefined);
	const byAge = sort === "default" || sort === "newest" || sort === "relevance";
	return needsIndex(asked) || ofSkus || !byAge;
}

async function listFromDocuments(
	context: ProductsContext,
	ctx: Ctx<unknown>,
	{ sort = "default", facets: _facets, ...asked }: Asked,
	scope: OfferScope | undefined
): Promise<Listed> {
	const page = await readPage(context, buildListFilter(asked, scope), asked, SORTS[sort]);
	return { ...page, items: await showCards(ctx, page.items) };
}

/** Null where the index is away and the documents can answer; else refuses with SERVICE_UNAVAILABLE. */
async function findByIndex(
	ctx: Ctx<unknown>,
	asked: Asked,
	scope: OfferScope | undefined
): Promise<SearchResult | null> {
	const { brandId, attr, sort = "default", ...rest } = asked;
	const query = {
		...rest,
		sort,
		...(brandId !== undefined && { brandIds: [...new Set(brandId.split(","))] }),
		...(attr && { attributes: parseAttributes(attr) }),
		...(scope && { scope })
	};
	try {
		return await call(ctx, "search.find", query, { timeout: SEARCH_TIMEOUT_MS });
	} catch (err) {
		if (!isAway(err)) throw err;
		if (!needsIndex(asked)) return null;
		throw new Refusal("SERVICE_UNAVAILABLE", "The search index is away", { retryAfter: 1 });
	}
}

const isAway = (err: unknown): boolean =>
	isRefusal(err, "SERVICE_UNAVAILABLE") ||
	err instanceof Errors.ServiceNotFoundError ||
	err instanceof Errors.ServiceNotAvailableError ||
	err instanceof Errors.RequestTimeoutError;

/** Sends a query to be counted, and for a signed-in shopper to be remembered. The answer does not wait for it. */
function sendQueryInBackground(ctx: Ctx<unknown>, asked: Asked, { total }: SearchResult): void {
	const { q = "", page = 1, cursor } = asked;
	if (q.trim() === "" || page > 1 || cursor !== undefined) return;
	const userId = ctx.meta.user?.id;
	const query = { q: q.trim(), found: total > 0, ...(userId !== undefined && { userId }) };
	void call(ctx, "search.noteQuery", query).catch((err: unknown) => {
		ctx.broker.logger.debug({ err }, "A query was not noted");
	});
}

/** Cards of what the index found, as the documents are now; a product that has gone meanwhile is left out. */
async function showFound(
	context: ProductsContext,
	ctx: Ctx<unknown>,
	found: SearchResult["items"]
): Promise<Listed["items"]> {
	if (found.length === 0) return [];
	const documents = await readCachedProducts(
		context,
		found.map(({ id }) => id)
	);
	const shown = found.flatMap(({ skuIds }, i) => {
		const product = documents[i];
		return product?.status === "on_shelf" ? [narrow(product, skuIds)] : [];
	});
	return showCards(ctx, shown);
}

/** The product with the SKUs that match alone, so that its price is the lowest of these, and it is in stock where one of them is. */
function narrow(product: Product, skuIds: readonly string[] | null): Product {
	const skus = skuIds ? product.skus.filter(({ id }) => skuIds.includes(id)) : product.skus;
	const [first, ...others] = skus;
	if (!first || skus.length === product.skus.length) return product;
	const cheapest = others.reduce((least, sku) => (sku.price < least.price ? sku : least), first);
	const { price: lowestPrice, marketPrice } = cheapest;
	return { ...product, skus, lowestPrice, marketPrice, inStock: isInStock(skus) };
}

async function showCards(ctx: Ctx<unknown>, products: readonly Product[]): Promise<Listed["items"]> {
	const offersOf = await fetchOffers(ctx, products);
	return products.map(product => ({ ...view.card(product), ...offersOf(product._id) }));
}
