import type { Config } from "../../mixins/config.mixin";
import type { Page, PageQuery, Sort, Where } from "../../mixins/store.mixin";
import type { Ctx } from "../../schemas/kit/service";
import type { AdminProduct, SkuForSale } from "../../schemas/products.contract";
import { call } from "../../schemas/registry";
import { toStockLevel } from "../../schemas/stock-level";
import { productOf, type Product } from "./product.domain";
import { skuOf } from "./sku.domain";
import { adminDetail, forSale, skuView, type LevelOf } from "./product-view.domain";
import type { Self } from "./edit-product";

type Reader = Self & { readonly config: Config };
/** A stock answer that comes later is not waited for: the level last heard of will do. */
const STOCK_TIMEOUT_MS = 1000;

export const cached = ({ products, cache }: Self, id: string): Promise<Product | null> =>
	cache.get(id, () => products.findOne({ _id: id }));

/** The number of all matches is kept until anything changes: it costs more than the page itself. */
export async function page(
	{ products, cache }: Self,
	where: Where<Product> | undefined,
	{ page = 1, pageSize = 20 }: PageQuery,
	sort: Sort
): Promise<Page<Product>> {
	if (!where) return { items: [], page, pageSize, total: 0 };
	const [items, total] = await Promise.all([
		products.find(where, { sort, skip: (page - 1) * pageSize, limit: pageSize }),
		cache.getLocal(`count ${cache.generation} ${JSON.stringify(where)}`, () => products.count(where))
	]);
	return { items, page, pageSize, total };
}

/** In the order asked; one query, however many SKUs. */
export async function skus({ products }: Self, skuIds: readonly string[]): Promise<SkuForSale[]> {
	const ids = [...new Set(skuIds.map(productOf))];
	const found = new Map(
		(await products.find({ _id: { $in: ids } })).map(product => [product._id, product])
	);
	return skuIds.flatMap(skuId => {
		const product = found.get(productOf(skuId));
		return (product && forSale(product, skuId)) ?? [];
	});
}

/** How much there is of each SKU right now, by the inventory; while that is away, as last heard from it. */
export async function levels({ config }: Reader, ctx: Ctx<unknown>, { skus }: Product): Promise<LevelOf> {
	const skuIds = skus.map(({ id }) => id);
	try {
		const stock = await call(ctx, "inventory.query", { skuIds }, { timeout: STOCK_TIMEOUT_MS });
		const available = new Map(stock.map(s => [s.skuId, s.available]));
		const low = config.get("inventory.lowStockAt");
		return ({ id }) => toStockLevel(available.get(id) ?? 0, low);
	} catch (err) {
		ctx.broker.logger.debug({ err }, "Stock levels are those last heard of");
		return ({ level }) => level;
	}
}

export async function staffView(self: Reader, ctx: Ctx<unknown>, product: Product): Promise<AdminProduct> {
	return adminDetail(product, await levels(self, ctx, product));
}

export async function staffSkuView(self: Reader, ctx: Ctx<unknown>, product: Product, skuId: string) {
	const sku = skuView(skuOf(product, skuId), await levels(self, ctx, product));
	return { ...sku, productId: product._id, version: product.version };
}
