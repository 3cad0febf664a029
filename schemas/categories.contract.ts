import {
	action,
	any,
	bool,
	contract,
	event,
	id,
	int,
	list,
	nothing,
	obj,
	opt,
	orNull,
	pageOf,
	paging,
	str,
	type TypeOf
} from "./kit";
import { line, url } from "./text-rules";

const name = () => line({ max: 60 });
const sort = () => int({ min: -1_000_000, max: 1_000_000, about: "Lower comes first among siblings" });

const node = {
	id: id(),
	name: str(),
	level: int({ min: 1, max: 3 }),
	parentId: orNull(id()),
	sort: int(),
	icon: orNull(str())
};
/** One level below another, three at most; the last has no children. */
const leaf = obj({ ...node, children: list(any(), { max: 0 }) });
const branch = obj({ ...node, children: list(leaf) });
const root = obj({ ...node, children: list(branch) });
/** A category with those under it, as far as shoppers see them. */
export type CategoryNode = Omit<TypeOf<typeof leaf>, "children"> & {
	readonly children: readonly CategoryNode[];
};

const category = obj({ ...node, visible: bool() });
export type CategoryView = TypeOf<typeof category>;

const staff = ["merchandiser"] as const;

export const categories = contract("categories", {
	tree: action({}).returns(list(root)).rest("GET /categories", "public", "The visible tree"),
	branch: action({ id: id() })
		.returns(root)
		.rest("GET /categories/:id", "public", "A visible category with those under it"),
	list: action({ ...paging, parentId: opt(id()) })
		.returns(pageOf(category))
		.rest("GET /admin/categories", staff, "All categories, those of `parentId` if given"),
	get: action({ id: id() }).returns(category).rest("GET /admin/categories/:id", staff, "One category"),
	create: action({
		name: name(),
		parentId: opt(orNull(id())),
		sort: opt(sort()),
		icon: opt(orNull(url())),
		visible: opt(bool())
	})
		.returns(category)
		.rest("POST /admin/categories", staff, "Add a category", {
			status: 201,
			errors: ["INVALID_STATE", "DUPLICATE"]
		}),
	edit: action({
		id: id(),
		name: opt(name()),
		parentId: opt(orNull(id())),
		sort: opt(sort()),
		icon: opt(orNull(url())),
		visible: opt(bool())
	})
		.returns(category)
		.rest("PATCH /admin/categories/:id", staff, "Change or move a category", {
			errors: ["NOT_FOUND", "INVALID_STATE", "DUPLICATE"]
		}),
	remove: action({ id: id() })
		.returns(nothing)
		.rest("DELETE /admin/categories/:id", staff, "Remove a category that nothing uses", {
			errors: ["NOT_FOUND", "IN_USE"]
		}),
	/**
	 * Each category under this one and itself, with its path (its own id, then those above it up to the root), and whether
	 * shoppers see it: all on the path are visible.
	 */
	paths: action({ id: id() }, { repeatable: true }).returns(
		list(obj({ id: id(), path: list(id(), { min: 1, max: 3 }), visible: bool() }))
	),
	/** Adds those that are not there; parents come before their children. */
	import: action(
		{
			categories: list(
				obj({ id: id(), name: name(), parentId: orNull(id()), sort: int(), icon: orNull(url()) }),
				{ max: 1000 }
			)
		},
		{ repeatable: true }
	).returns(nothing)
});

export const categoryEvents = {
	/** It and all under it stand somewhere else in the tree now; where, `categories.paths` says. */
	"category.moved": event({ categoryId: id() }),
	/** Shoppers see neither it nor anything under it. */
	"category.hidden": event({ categoryId: id() }),
	/** It is not hidden any more. Whether shoppers see it also depends on those above it; `categories.paths` says. */
	"category.shown": event({ categoryId: id() })
};
