import { invalid, invalidState, notFound, Refusal } from "../../schemas/errors/errors";
import type { CategoryNode, CategoryView } from "../../schemas/categories.contract";
import { fact, type Fact } from "../../schemas/registry";

export const MAX_LEVEL = 3;
export const MAX_CATEGORIES = 2000;

export type Category = {
	readonly id: string;
	readonly name: string;
	readonly parentId: string | null;
	readonly sort: number;
	readonly icon: string | null;
	readonly visible: boolean;
};

/**
 * The whole tree is one document, so that one guarded write keeps it free of cycles, fourth levels and orphans under
 * concurrent moves. The document is small (0.2 KB a category) and seldom written.
 */
export type Tree = {
	readonly _id: "tree";
	readonly version: number;
	readonly categories: readonly Category[];
};

export type CategoryPatch = { readonly [K in keyof Omit<Category, "id">]?: Category[K] | undefined };

/** The category's own id, then the ids above it up to the root. */
export function pathOf(categories: readonly Category[], id: string): string[] {
	const byId = new Map(categories.map(c => [c.id, c]));
	const path: string[] = [];
	for (let at = byId.get(id); at && path.length <= MAX_LEVEL; at = byId.get(at.parentId ?? ""))
		path.push(at.id);
	return path;
}

/** Tells whether shoppers see the category: a hidden category hides all below it. */
export const isVisible = (categories: readonly Category[], id: string): boolean =>
	pathOf(categories, id).every(above => requireCategory(categories, above).visible);

/** The category and all below it. */
export function subtreeOf(categories: readonly Category[], id: string): Category[] {
	const children = categories.filter(c => c.parentId === id).flatMap(c => subtreeOf(categories, c.id));
	return [...categories.filter(c => c.id === id), ...children];
}

/** Refuses the 2,001st category, an unknown parent and a fourth level. */
export function addCategory(categories: readonly Category[], category: Category): Category[] {
	if (categories.length >= MAX_CATEGORIES)
		throw new Refusal("LIMIT_REACHED", "There are too many categories", {
			what: "category",
			limit: MAX_CATEGORIES
		});
	refuseUnknownParent(categories, category);
	return refuseFourthLevel([...categories, category], category);
}

/** Refuses an unknown parent, a parent in the category's own subtree and a fourth level. */
export function patchCategory(categories: readonly Category[], id: string, patch: CategoryPatch): Category[] {
	const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
	const category: Category = { ...requireCategory(categories, id), ...given };
	if (category.parentId !== null && subtreeOf(categories, id).some(c => c.id === category.parentId))
		throw invalidState("A category can't come to stand under itself", {
			id,
			state: "ancestor",
			allowed: []
		});
	refuseUnknownParent(categories, category);
	const next = categories.map(c => (c.id === id ? category : c));
	return refuseFourthLevel(next, category);
}

export function factsOfEdit(before: Category, after: Category): Fact[] {
	const categoryId = after.id;
	const facts = [fact("category.changed", { categoryId })];
	if (after.parentId !== before.parentId) facts.push(fact("category.moved", { categoryId }));
	if (after.visible !== before.visible)
		facts.push(
			after.visible ? fact("category.shown", { categoryId }) : fact("category.hidden", { categoryId })
		);
	return facts;
}

/** Refuses a category with others below it. */
export function removeCategory(categories: readonly Category[], id: string): Category[] {
	requireCategory(categories, id);
	if (categories.some(c => c.parentId === id))
		throw new Refusal("IN_USE", "There are categories under this one", { id });
	return categories.filter(c => c.id !== id);
}

function refuseUnknownParent(categories: readonly Category[], { parentId }: Category): void {
	if (parentId !== null && !categories.some(c => c.id === parentId))
		throw invalid("parentId", "noCategory");
}

/** Looks at the category and all below it; answers the categories as given. */
function refuseFourthLevel(categories: Category[], { id }: Category): Category[] {
	if (subtreeOf(categories, id).some(c => pathOf(categories, c.id).length > MAX_LEVEL))
		throw invalidState(`The tree has at most ${MAX_LEVEL} levels`, {
			id,
			state: `level_${MAX_LEVEL + 1}`,
			allowed: Array.from({ length: MAX_LEVEL }, (_, n) => `level_${n + 1}`)
		});
	return categories;
}

/** Refuses with NOT_FOUND. */
export function requireCategory(categories: readonly Category[], id: string): Category {
	const category = categories.find(c => c.id === id);
	if (!category) throw notFound("category", id);
	return category;
}

export const view = (categories: readonly Category[], category: Category): CategoryView => ({
	...category,
	level: pathOf(categories, category.id).length
});

/** Sorts in the order shown: by `sort`, then by age, since ids grow. */
export const sortCategories = (categories: readonly Category[]): Category[] =>
	[...categories].sort((a, b) => a.sort - b.sort || (a.id < b.id ? -1 : 1));

/** The tree as shoppers see it. */
export function buildVisibleTree(categories: readonly Category[]): CategoryNode[] {
	const byParent = Map.groupBy(
		sortCategories(categories).filter(c => c.visible),
		c => c.parentId
	);
	const nodes = (parentId: string | null, level: number): CategoryNode[] =>
		(byParent.get(parentId) ?? []).map(({ id, name, sort, icon }) => ({
			id,
			name,
			level,
			parentId,
			sort,
			icon,
			children: nodes(id, level + 1)
		}));
	return nodes(null, 1);
}

/** Searches the tree depth first. */
export function findBranch(tree: readonly CategoryNode[], id: string): CategoryNode | undefined {
	for (const node of tree) {
		const found = node.id === id ? node : findBranch(node.children, id);
		if (found) return found;
	}
	return undefined;
}
