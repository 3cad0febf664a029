import { invalid, isRefusal } from "../../schemas/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { Content, Product } from "./product.domain";
import type { ProductsContext } from "./products.context";

/** A category's place in the tree, as products of the category store it. */
type Place = Pick<Content, "categoryPath" | "hidden">;

/** Refuses a category that does not exist. */
export async function fetchPlace(ctx: Ctx<object>, categoryId: string): Promise<Place> {
	const place = (await fetchPlaces(ctx, categoryId)).get(categoryId);
	if (!place) throw invalid("categoryId", "noCategory");
	return place;
}

/** Places of a category and of all below it, by category id; empty where the category does not exist. */
async function fetchPlaces(ctx: Ctx<unknown>, id: string): Promise<Map<string, Place>> {
	try {
		const paths = await call(ctx, "categories.paths", { id });
		return new Map(
			paths.map(({ id: below, path, visible }) => [below, { categoryPath: path, hidden: !visible }])
		);
	} catch (err) {
		if (isRefusal(err, "NOT_FOUND")) return new Map();
		throw err;
	}
}

const isAt = (place: Place, { categoryPath, hidden }: Place): boolean =>
	place.hidden === hidden && place.categoryPath.join() === categoryPath.join();

/**
 * Corrects the place of a product just written: its category may have moved after the place was fetched, too early for
 * `followCategoryTree` to find the product.
 */
export async function followCategory(
	context: ProductsContext,
	ctx: Ctx<unknown>,
	product: Product
): Promise<Product> {
	const { products, cache } = context;
	const { _id, categoryId } = product;
	const place = (await fetchPlaces(ctx, categoryId)).get(categoryId);
	if (!place || isAt(place, product)) return product;
	const moved = await products.change({ _id, categoryId }, { $set: place, $inc: { revision: 1 } });
	if (moved) await cache.clean(_id);
	// Null where another edit chose another category meanwhile.
	return followCategory(context, ctx, moved ?? (await products.get(_id)));
}

/**
 * Corrects the places of all products of a category and of those below it. Places are fetched again afterwards and the work
 * repeated where they differ: a concurrent run may have written newer places first, which this run has then overwritten.
 */
export async function followCategoryTree(
	context: ProductsContext,
	ctx: Ctx<unknown>,
	categoryId: string
): Promise<void> {
	const places = await fetchPlaces(ctx, categoryId);
	for (const [id, place] of places) await moveProducts(context, id, place);
	const now = await fetchPlaces(ctx, categoryId);
	const changed = [...now].some(([id, place]) => {
		const written = places.get(id);
		return !written || !isAt(place, written);
	});
	if (changed) await followCategoryTree(context, ctx, categoryId);
}

async function moveProducts(
	{ products, cache }: ProductsContext,
	categoryId: string,
	place: Place
): Promise<void> {
	const { categoryPath, hidden } = place;
	const elsewhere = {
		categoryId,
		$or: [{ categoryPath: { $ne: categoryPath } }, { hidden: { $ne: hidden } }]
	};
	const moved = await products.find(elsewhere, { fields: ["_id"] });
	await products.changeMany(elsewhere, { $set: place, $inc: { revision: 1 } });
	await cache.clean(...moved.map(({ _id }) => _id));
}

/** The categories among these that are hidden from shoppers, themselves or by one above them. */
export async function findHiddenCategories(
	ctx: Ctx<unknown>,
	categoryIds: ReadonlySet<string>
): Promise<Set<string>> {
	const hidden = new Set<string>();
	for (const id of categoryIds) if ((await fetchPlaces(ctx, id)).get(id)?.hidden) hidden.add(id);
	return hidden;
}
