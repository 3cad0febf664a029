import { action, contract, event } from "./kit/contract";
import * as r from "./kit/rules";
import { line, url } from "./kit/text-rules";

const name = () => line({ max: 60 });
const sort = () => r.int({ min: -1_000_000, max: 1_000_000, about: "Lower comes first among siblings" });

const node = {
	id: r.id(),
	name: r.str(),
	level: r.int({ min: 1, max: 3 }),
	parentId: r.orNull(r.id()),
	sort: r.int(),
	icon: r.orNull(r.str())
};
/** A category of the third and last level. */
const leaf = r.obj("CategoryLeaf", { ...node, children: r.list(r.any(), { max: 0 }) });
const branch = r.obj("CategoryBranch", { ...node, children: r.list(leaf) });
const root = r.obj("CategoryNode", { ...node, children: r.list(branch) });
/** A visible category with the visible ones below it. */
export type CategoryNode = Omit<r.TypeOf<typeof leaf>, "children"> & {
	readonly children: readonly CategoryNode[];
};

const category = r.obj("Category", { ...node, visible: r.bool() });
export type CategoryView = r.TypeOf<typeof category>;

const staff = ["merchandiser"] as const;

export const categories = contract("categories", {
	tree: action({})
		.returns(r.list(root))
		.rest("GET /categories", "public", "The visible tree", { cacheTags: () => ["categories"] }),
	branch: action({ id: r.id() })
		.returns(root)
		.rest("GET /categories/:id", "public", "A visible category with those under it", {
			cacheTags: () => ["categories"]
		}),
	list: action({ ...r.paging, parentId: r.opt(r.id()) })
		.returns(r.pageOf(category))
		.rest("GET /admin/categories", staff, "All categories, those of `parentId` if given"),
	get: action({ id: r.id() }).returns(category).rest("GET /admin/categories/:id", staff, "One category"),
	create: action({
		name: name(),
		parentId: r.opt(r.orNull(r.id())),
		sort: r.opt(sort()),
		icon: r.opt(r.orNull(url())),
		visible: r.opt(r.bool())
	})
		.returns(category)
		.rest("POST /admin/categories", staff, "Add a category", {
			status: 201,
			errors: ["INVALID_STATE", "LIMIT_REACHED"]
		}),
	edit: action({
		id: r.id(),
		name: r.opt(name()),
		parentId: r.opt(r.orNull(r.id())),
		sort: r.opt(sort()),
		icon: r.opt(r.orNull(url())),
		visible: r.opt(r.bool())
	})
		.returns(category)
		.rest("PATCH /admin/categories/:id", staff, "Change or move a category", {
			errors: ["NOT_FOUND", "INVALID_STATE"]
		}),
	remove: action({ id: r.id() })
		.returns(r.nothing)
		.rest("DELETE /admin/categories/:id", staff, "Remove a category that nothing uses", {
			errors: ["NOT_FOUND", "IN_USE"]
		}),
	/**
	 * The category and all below it. `path` is the category's own id, then the ids above it up to the root. Shoppers see a
	 * category (`visible`) only if every category of its path is visible.
	 */
	paths: action({ id: r.id() }, { repeatable: true }).returns(
		r.list(r.obj({ id: r.id(), path: r.list(r.id(), { min: 1, max: 3 }), visible: r.bool() }))
	),
	/** Every category with the names on its path from the root, as files name it: `手机/智能手机`. */
	names: action({}, { repeatable: true }).returns(r.list(r.obj({ id: r.id(), path: r.str() }))),
	/** Adds the categories that are missing; the others stay as they are. Parents must stand before their children. */
	import: action(
		{
			categories: r.list(
				r.obj({
					id: r.id(),
					name: name(),
					parentId: r.orNull(r.id()),
					sort: r.int(),
					icon: r.orNull(url())
				}),
				{ max: 1000 }
			)
		},
		{ repeatable: true }
	).returns(r.nothing)
});

export const categoryEvents = {
	"category.changed": event({ categoryId: r.id() }).means(
		"A category was added, or its name, place or visibility was changed"
	),
	/** The category and all below it have new paths; `categories.paths` answers them. */
	"category.moved": event({ categoryId: r.id() }).means("A category moved in the tree, with all below it"),
	/** Shoppers see neither the category nor any below it. */
	"category.hidden": event({ categoryId: r.id() }).means(
		"A category was hidden from shoppers, with the products in it"
	),
	/** The category itself is no longer hidden. One above it may still be; `categories.paths` tells. */
	"category.shown": event({ categoryId: r.id() }).means(
		"A category is visible again; one above it may still be hidden"
	)
};
