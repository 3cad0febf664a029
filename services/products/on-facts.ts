import type { Store } from "../../mixins/store.mixin";
import { refusedAs } from "../../schemas/errors";
import type { Ctx } from "../../schemas/kit";
import type { StockLevel } from "../../schemas/products.contract";
import { call } from "../../schemas/registry";
import { productOf, type Product } from "./product.domain";
import { rewrite, type Self } from "./edit-product";

/** That the sales of an order's product were counted: `<orderId>:<productId>`. */
export type Counted = { readonly _id: string; readonly at: Date };

type LevelNews = { readonly skuId: string; readonly level: StockLevel; readonly version: number };

/** Late and repeated news of a SKU's stock changes nothing. */
export async function hearLevel(self: Self, { skuId, level, version }: LevelNews): Promise<void> {
	const told = rewrite(self, productOf(skuId), product => {
		const known = product.skus.find(({ id }) => id === skuId);
		if (!known || known.levelVersion >= version) return null;
		// Nothing can have come between, as after an import that knew the stock: spare the write.
		if (known.level === level && known.levelVersion + 1 === version) return null;
		const skus = product.skus.map(sku =>
			sku === known ? { ...sku, level, levelVersion: version } : sku
		);
		return { set: { skus, inStock: skus.some(sku => sku.level !== "out") } };
	});
	await told.catch(unlessGone);
}

type SalesNews = {
	readonly orderId: string;
	readonly lines: readonly { readonly productId: string; readonly quantity: number }[];
};
/** So many of its latest orders a product knows itself. */
const KNOWN_ORDERS = 50;

/**
 * Counts each order once. The product's own list makes the count and its mark one write; the mark of its own, made after,
 * tells a repetition that comes when the list has moved on.
 */
export async function hearSales(
	{ products, cache, counted }: Self & { readonly counted: Store<Counted> },
	{ orderId, lines }: SalesNews
): Promise<void> {
	for (const productId of new Set(lines.map(line => line.productId))) {
		const mark = { _id: `${orderId}:${productId}`, at: new Date() };
		if (await counted.findOne({ _id: mark._id })) continue;
		const sold = lines.reduce((sum, line) => sum + (line.productId === productId ? line.quantity : 0), 0);
		await products.change(
			{ _id: productId, countedOrders: { $ne: orderId } },
			{ $inc: { sales: sold }, $push: { countedOrders: { $each: [orderId], $slice: -KNOWN_ORDERS } } }
		);
		await cache.clean(productId);
		await counted.insertOnce(mark, { _id: mark._id });
	}
}

/** The path as the tree has it now: the category may have moved between the asking and the writing of a product. */
export async function followCategory(self: Self, ctx: Ctx<unknown>, product: Product): Promise<Product> {
	const path = (await pathsUnder(ctx, product.categoryId)).find(
		({ id }) => id === product.categoryId
	)?.path;
	if (!path || path.join() === product.categoryPath.join()) return product;
	return rewrite(self, product._id, ({ categoryId }) =>
		categoryId === product.categoryId ? { set: { categoryPath: path } } : null
	);
}

/** Takes the products of a category, and of those under it, to where the tree has them now. */
export async function followCategories(
	{ products, cache }: Self,
	ctx: Ctx<unknown>,
	categoryId: string
): Promise<void> {
	for (const { id, path } of await pathsUnder(ctx, categoryId)) {
		const elsewhere = { categoryId: id, categoryPath: { $ne: path } };
		const moved = await products.find(elsewhere, { fields: ["_id"] });
		await products.changeMany(elsewhere, { $set: { categoryPath: path }, $inc: { revision: 1 } });
		await cache.clean(...moved.map(({ _id }) => _id));
	}
}

async function pathsUnder(ctx: Ctx<unknown>, id: string) {
	try {
		return await call(ctx, "categories.paths", { id });
	} catch (err) {
		if (refusedAs(err, "NOT_FOUND")) return [];
		throw err;
	}
}

function unlessGone(err: unknown): void {
	if (!refusedAs(err, "NOT_FOUND")) throw err;
}
