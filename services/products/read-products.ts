import type { Page, PageQuery, Sort, Where } from "../../mixins/store.mixin";
import type { Ctx } from "../../schemas/kit/service";
import type { AdminProduct, AdminSku, ProductCard, SkuForSale } from "../../schemas/products.views";
import { DEFAULT_PAGE_SIZE } from "../../schemas/kit/rules";
import { call } from "../../schemas/registry";
import { toStockLevel } from "../../schemas/values/stock-level";
import { fetchOffers } from "./fetch-offers";
import * as view from "./product-view.domain";
import type { Product } from "./product.domain";
import type { ProductsContext } from "./products.context";
import { requireSku, productIdOf } from "./sku.domain";

/** Time-out of the inventory's answer; afterwards the stored stock levels are shown. */
const STOCK_TIMEOUT_MS = 1000;

export const readCachedProduct = (
	{ products, cache }: ProductsContext,
	id: string
): Promise<Product | null> => cache.get(id, () => products.findOne({ _id: id }));

/** Products in the order asked, null for those that do not exist. Those that are not in the cache are read by one query. */
export function readCachedProducts(
	{ products, cache }: ProductsContext,
	ids: readonly string[]
): Promise<(Product | null)[]> {
	let batch: { readonly ids: string[]; readonly found: Promise<Map<string, Product>> } | null = null;
	const readBatch = async (missing: readonly string[]) => {
		await Promise.resolve(); // until the others have joined the batch
		batch = null;
		const found = await products.find({ _id: { $in: missing } });
		return new Map(found.map(product => [product._id, product]));
	};
	const load = async (id: string) => {
		if (!batch) {
			const missing: string[] = [];
			batch = { ids: missing, found: readBatch(missing) };
		}
		batch.ids.push(id);
		return (await batch.found).get(id) ?? null;
	};
	return Promise.all(ids.map(id => cache.get(id, () => load(id))));
}

/**
 * A page of the products that match; null matches none. Only `total` is cached, since counting costs more than reading the
 * page: its key holds the cache's generation, so every write of a product makes it stale.
 */
export async function readPage(
	{ products, cache }: ProductsContext,
	where: Where<Product> | null,
	query: PageQuery,
	sort: Sort
): Promise<Page<Product>> {
	const { page = 1, pageSize = DEFAULT_PAGE_SIZE } = query;
	if (!where) return { items: [], page, pageSize, total: 0 };
	const key = `count ${cache.generation} ${JSON.stringify(where)}`;
	return products.page(where, query, sort, () => cache.getLocal(key, () => products.countList(where)));
}

/** A page of the products that match, in the order of their ids; nothing is counted. Null matches none. */
export async function readPageToExport(
	{ products }: ProductsContext,
	where: Where<Product> | null,
	query: PageQuery
): Promise<Page<Product>> {
	const none = { count: 0, more: false };
	return where
		? products.page(where, query, { _id: -1 }, () => Promise.resolve(none))
		: { items: [], page: 1, pageSize: 0, total: 0 };
}

/** Cards of those products that are on the shelf, in the order asked. */
export async function readCards(
	{ products }: ProductsContext,
	ctx: Ctx<unknown>,
	productIds: readonly string[]
): Promise<ProductCard[]> {
	const found = await products.find({ _id: { $in: productIds }, status: "on_shelf" });
	const offersOf = await fetchOffers(ctx, found);
	const byId = new Map(found.map(product => [product._id, product]));
	return productIds.flatMap(id => {
		const product = byId.get(id);
		return product ? [{ ...view.card(product), ...offersOf(id) }] : [];
	});
}

/** SKUs in the order asked, by one query; ids that never existed are left out. */
export async function readSkusForSale(
	{ products, config }: ProductsContext,
	skuIds: readonly string[]
): Promise<SkuForSale[]> {
	const generalLimit = config.get("inventory.limitPerUser") || null;
	const ids = [...new Set(skuIds.map(productIdOf))];
	const found = await products.find({ _id: { $in: ids } });
	const byId = new Map(found.map(product => [product._id, product]));
	return skuIds.flatMap(skuId => {
		const product = byId.get(productIdOf(skuId));
		return (product && view.skuForSale(product, skuId, generalLimit)) ?? [];
	});
}

/** Current stock levels by the inventory; without its answer, those that the product stores. */
export async function readStockLevels(
	{ config }: ProductsContext,
	ctx: Ctx<unknown>,
	{ skus }: Product
): Promise<view.LevelOf> {
	const skuIds = skus.map(({ id }) => id);
	try {
		const stock = await call(ctx, "inventory.query", { skuIds }, { timeout: STOCK_TIMEOUT_MS });
		const available = new Map(stock.map(s => [s.skuId, s.available]));
		const lowStockAt = config.get("inventory.lowStockAt");
		return ({ id }) => toStockLevel(available.get(id) ?? 0, lowStockAt);
	} catch (err) {
		ctx.broker.logger.debug({ err }, "The inventory did not answer: showing the stored stock levels");
		return ({ level }) => level;
	}
}

/** The product as staff see it, with current stock levels. */
export async function viewForStaff(
	context: ProductsContext,
	ctx: Ctx<unknown>,
	product: Product
): Promise<AdminProduct> {
	const [levelOf, offersOf] = await Promise.all([
		readStockLevels(context, ctx, product),
		fetchOffers(ctx, [product])
	]);
	return view.adminDetail(product, levelOf, offersOf(product._id));
}

/** One SKU as staff see it, with its current stock level and the product's version. */
export async function viewSkuForStaff(
	context: ProductsContext,
	ctx: Ctx<unknown>,
	product: Product,
	skuId: string
): Promise<AdminSku> {
	const levelOf = await readStockLevels(context, ctx, product);
	const sku = view.sku(requireSku(product, skuId), levelOf);
	return { ...sku, productId: product._id, version: product.version };
}
