import { invalid, Refusal } from "../../schemas/errors";
import type { CategoryNode, CategoryView } from "../../schemas/categories.contract";
import { fold } from "../../schemas/text";

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
 * The whole tree is one document: that it has no cycle, no fourth level and no orphan is then a matter of one guarded write,
 * whoever moves what at the same time. It is small (0.2 KB a category) and seldom written.
 */
export type Tree = {
	readonly _id: "tree";
	readonly version: number;
	readonly categories: readonly Category[];
};

export type CategoryPatch = { readonly [K in keyof Omit<Category, "id">]?: Category[K] | undefined };

/** The category's own id, then those above it up to the root. */
export function pathOf(categories: readonly Category[], id: string): string[] {
	const byId = new Map(categories.map(c => [c.id, c]));
	const path: string[] = [];
	for (let at = byId.get(id); at && path.length <= MAX_LEVEL; at = byId.get(at.parentId ?? ""))
		path.push(at.id);
	return path;
}

/** Whether shoppers see the category: a hidden one hides all under it. */
export const isVisible = (categories: readonly Category[], id: string): boolean =>
	pathOf(categories, id).every(above => found(categories, above).visible);

/** The category and all under it. */
export function under(categories: readonly Category[], id: string): Category[] {
	const children = categories.filter(c => c.parentId === id).flatMap(c => under(categories, c.id));
	return [...categories.filter(c => c.id === id), ...children];
}

export function added(categories: readonly Category[], category: Category): Category[] {
	if (categories.length >= MAX_CATEGORIES)
		throw new Refusal("INVALID_STATE", "There are too many categories");
	if (category.parentId !== null) parentIn(categories, category.parentId);
	return shallow([...categories, category], category);
}

export function edited(categories: readonly Category[], id: string, patch: CategoryPatch): Category[] {
	const old = found(categories, id);
	const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
	const category: Category = { ...old, ...given };
	if (category.name !== old.name || category.parentId !== old.parentId)
		refuseSameName(categories, category);
	if (category.parentId !== null && under(categories, id).some(c => c.id === category.parentId))
		throw new Refusal("INVALID_STATE", "A category can't come to stand under itself", { id });
	if (category.parentId !== null) parentIn(categories, category.parentId);
	const next = categories.map(c => (c.id === id ? category : c));
	return shallow(next, category);
}

/** Names are unique among the categories below the same one. An edit of anything else lets older namesakes be. */
export function refuseSameName(categories: readonly Category[], { id, name, parentId }: Category): void {
	const key = fold(name);
	if (categories.some(other => other.id !== id && other.parentId === parentId && fold(other.name) === key))
		throw new Refusal("DUPLICATE", "A category beside it has this name", { field: "name" });
}

export function removed(categories: readonly Category[], id: string): Category[] {
	found(categories, id);
	if (categories.some(c => c.parentId === id))
		throw new Refusal("IN_USE", "There are categories under this one", { id });
	return categories.filter(c => c.id !== id);
}

function parentIn(categories: readonly Category[], id: string): void {
	if (!categories.some(c => c.id === id)) throw invalid("parentId", "noCategory");
}

/** Refuses a fourth level, at the category or anywhere under it. */
function shallow(categories: Category[], { id }: Category): Category[] {
	if (under(categories, id).some(c => pathOf(categories, c.id).length > MAX_LEVEL))
		throw new Refusal("INVALID_STATE", `The tree has at most ${MAX_LEVEL} levels`, { id });
	return categories;
}

export function found(categories: readonly Category[], id: string): Category {
	const category = categories.find(c => c.id === id);
	if (!category) throw new Refusal("NOT_FOUND", "No such category", { id });
	return category;
}

export const view = (categories: readonly Category[], category: Category): CategoryView => ({
	...category,
	level: pathOf(categories, category.id).length
});

/** In the order shown: by `sort`, then by age (ids grow). */
export const inOrder = (categories: readonly Category[]): Category[] =>
	[...categories].sort((a, b) => a.sort - b.sort || (a.id < b.id ? -1 : 1));

/** What shoppers see of the tree. */
export function visibleTree(categories: readonly Category[]): CategoryNode[] {
	const byParent = Map.groupBy(
		inOrder(categories).filter(c => c.visible),
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

export function branchOf(tree: readonly CategoryNode[], id: string): CategoryNode | undefined {
	for (const node of tree) {
		const here = node.id === id ? node : branchOf(node.children, id);
		if (here) return here;
	}
	return undefined;
}
