import type { Store } from "../../mixins/store.mixin";
import { isRefusal } from "../../schemas/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { StockLevel } from "../../schemas/stock-level";
import { productOf, type Product } from "./product.domain";
import type { Place } from "./check-references";
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

/** The place as the tree has it now: the category may have moved between the asking and the writing of a product. */
export async function followCategory(self: Self, ctx: Ctx<unknown>, product: Product): Promise<Product> {
	const places = await placesUnder(ctx, product.categoryId);
	const place = places.get(product.categoryId);
	if (!place || isAt(place, product)) return product;
	const moved = await rewrite(self, product._id, ({ categoryId }) =>
		categoryId === product.categoryId ? { set: place } : null
	);
	return followCategory(self, ctx, moved);
}

/**
 * Takes the products of a category, and of those under it, to where the tree has them now. Looks again afterwards: another
 * follower may have written a newer place first, over which this one has then written an older one.
 */
export async function followCategories(self: Self, ctx: Ctx<unknown>, categoryId: string): Promise<void> {
	const places = await placesUnder(ctx, categoryId);
	for (const [id, place] of places) await takeTo(self, id, place);
	const now = await placesUnder(ctx, categoryId);
	const changed = [...now].some(([id, place]) => {
		const taken = places.get(id);
		return !taken || !isAt(place, taken);
	});
	if (changed) await followCategories(self, ctx, categoryId);
}

async function takeTo({ products, cache }: Self, categoryId: string, place: Place): Promise<void> {
	const { categoryPath, hidden } = place;
	const elsewhere = {
		categoryId,
		$or: [{ categoryPath: { $ne: categoryPath } }, { hidden: { $ne: hidden } }]
	};
	const moved = await products.find(elsewhere, { fields: ["_id"] });
	await products.changeMany(elsewhere, { $set: place, $inc: { revision: 1 } });
	await cache.clean(...moved.map(({ _id }) => _id));
}

/** Those of the categories that are hidden from shoppers. */
export async function hiddenAmong(ctx: Ctx<unknown>, categoryIds: ReadonlySet<string>): Promise<Set<string>> {
	const hidden = new Set<string>();
	for (const id of categoryIds) if ((await placesUnder(ctx, id)).get(id)?.hidden) hidden.add(id);
	return hidden;
}

const isAt = (place: Place, { categoryPath, hidden }: Place): boolean =>
	place.hidden === hidden && place.categoryPath.join() === categoryPath.join();

/** By category: this one and those under it; none where it is gone. */
async function placesUnder(ctx: Ctx<unknown>, id: string): Promise<Map<string, Place>> {
	try {
		const paths = await call(ctx, "categories.paths", { id });
		return new Map(
			paths.map(({ id: at, path, visible }) => [at, { categoryPath: path, hidden: !visible }])
		);
	} catch (err) {
		if (isRefusal(err, "NOT_FOUND")) return new Map();
		throw err;
	}
}

function unlessGone(err: unknown): void {
	if (!isRefusal(err, "NOT_FOUND")) throw err;
}
