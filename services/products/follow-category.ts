import { invalid, isRefusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { Content, Product } from "./product.domain";
import type { ProductsContext } from "./products.context";

/** A category's place in the tree, as its products store it. */
type CategoryPosition = Pick<Content, "categoryPath" | "hidden">;

/** Refuses a category that does not exist. */
export async function fetchCategoryPosition(ctx: Ctx<object>, categoryId: string): Promise<CategoryPosition> {
	const position = (await fetchCategoryPositions(ctx, categoryId)).get(categoryId);
	if (!position) throw invalid("categoryId", "noCategory");
	return position;
}

/** Positions of a category and of all below it, by category id; empty where the category does not exist. */
async function fetchCategoryPositions(ctx: Ctx<unknown>, id: string): Promise<Map<string, CategoryPosition>> {
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

const hasPosition = (position: CategoryPosition, { categoryPath, hidden }: CategoryPosition): boolean =>
	position.hidden === hidden && position.categoryPath.join() === categoryPath.join();

/**
 * Corrects the position of a product just written: its category may have moved after the position was fetched, too early for
 * `followCategoryTree` to find the product.
 */
export async function followCategory(
	context: ProductsContext,
	ctx: Ctx<unknown>,
	product: Product
): Promise<Product> {
	const { products, cache } = context;
	const { _id, categoryId } = product;
	const position = (await fetchCategoryPositions(ctx, categoryId)).get(categoryId);
	if (!position || hasPosition(position, product)) return product;
	const moved = await products.change({ _id, categoryId }, { $set: position, $inc: { revision: 1 } });
	if (moved) await cache.clean(_id);
	// Null if another edit chose another category.
	return followCategory(context, ctx, moved ?? (await products.get(_id)));
}

/**
 * Corrects the positions of all products of a category and of those below it. Positions are fetched again afterwards and the work
 * repeated where they differ: a concurrent run may have written newer positions first, which this run has then overwritten.
 */
export async function followCategoryTree(
	context: ProductsContext,
	ctx: Ctx<unknown>,
	categoryId: string
): Promise<void> {
	const positions = await fetchCategoryPositions(ctx, categoryId);
	for (const [id, position] of positions) await moveProducts(context, id, position);
	const latest = await fetchCategoryPositions(ctx, categoryId);
	const changed = [...latest].some(([id, position]) => {
		const written = positions.get(id);
		return !written || !hasPosition(position, written);
	});
	if (changed) await followCategoryTree(context, ctx, categoryId);
}

async function moveProducts(
	{ products, cache }: ProductsContext,
	categoryId: string,
	position: CategoryPosition
): Promise<void> {
	const { categoryPath, hidden } = position;
	const elsewhere = {
		categoryId,
		$or: [{ categoryPath: { $ne: categoryPath } }, { hidden: { $ne: hidden } }]
	};
	const moved = await products.find(elsewhere, { fields: ["_id"] });
	await products.changeMany(elsewhere, { $set: position, $inc: { revision: 1 } });
	await cache.clean(...moved.map(({ _id }) => _id));
}

/** The categories among these that are hidden from shoppers, themselves or by one above them. */
export async function findHiddenCategories(
	ctx: Ctx<unknown>,
	categoryIds: ReadonlySet<string>
): Promise<Set<string>> {
	const hidden = new Set<string>();
	for (const id of categoryIds) if ((await fetchCategoryPositions(ctx, id)).get(id)?.hidden) hidden.add(id);
	return hidden;
}
