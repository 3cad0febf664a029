import type { Fact } from "../../schemas/registry";
import type { CategoriesContext } from "./categories.context";
import type { Category, Tree } from "./category.domain";

const EMPTY_TREE: Tree = { _id: "tree", version: 0, categories: [] };

/** All categories, at most as old as the cache allows. */
export async function readCategories({ trees, cache }: CategoriesContext): Promise<readonly Category[]> {
	const tree = await cache.get("tree", () => trees.findOne({ _id: "tree" }));
	return tree?.categories ?? [];
}

type Change = { readonly categories: readonly Category[]; readonly facts?: readonly Fact[] };

/**
 * Stores what `decide` makes of the categories as they are stored, and resolves to the result. `decide` runs again where
 * another write came between.
 */
export async function rewriteTree(
	{ trees, cache }: CategoriesContext,
	decide: (categories: readonly Category[]) => Change
): Promise<readonly Category[]> {
	const tree = await trees.rewrite(
		EMPTY_TREE._id,
		({ version, categories: stored }) => {
			const { categories, facts = [] } = decide(stored);
			return { guard: { version }, update: { $set: { categories }, $inc: { version: 1 } }, facts };
		},
		{ initial: EMPTY_TREE }
	);
	await cache.clean("tree");
	return tree.categories;
}
