import {
	action,
	bool,
	contract,
	id,
	list,
	nothing,
	obj,
	oneOf,
	opt,
	orNull,
	pageOf,
	paging,
	str,
	time,
	type TypeOf
} from "./kit";
import { line } from "./text-rules";

const kind = oneOf("sale", "spec");
const input = oneOf("select", "text", "number");
const attribute = obj({
	id: id(),
	name: str(),
	/** It applies to the products of this category and of those under it; without one, to all. */
	categoryId: orNull(id()),
	/** `sale`: the SKUs of a product differ in it; `spec`: all of a product share it. */
	kind,
	input,
	values: list(str()),
	unit: orNull(str()),
	required: bool(),
	facet: bool(),
	createdAt: time(),
	updatedAt: time()
});
export type AttributeView = TypeOf<typeof attribute>;

const name = () => line({ max: 40, without: "=." });
const details = {
	categoryId: opt(orNull(id())),
	values: opt(list(line({ max: 100 }), { max: 200, unique: true })),
	unit: opt(orNull(line({ max: 20 }))),
	required: opt(bool()),
	facet: opt(bool())
};
const staff = ["merchandiser"] as const;

export const attributes = contract("attributes", {
	list: action({ ...paging, categoryId: opt(id()), kind: opt(kind) })
		.returns(pageOf(attribute))
		.rest("GET /admin/attributes", staff, "Attributes; with `categoryId`, those declared there"),
	get: action({ id: id() }).returns(attribute).rest("GET /admin/attributes/:id", staff, "One attribute"),
	create: action({ name: name(), kind, input, ...details })
		.returns(attribute)
		.rest("POST /admin/attributes", staff, "Declare an attribute", {
			status: 201,
			errors: ["DUPLICATE"]
		}),
	edit: action({ id: id(), name: opt(name()), kind: opt(kind), input: opt(input), ...details })
		.returns(attribute)
		.rest("PATCH /admin/attributes/:id", staff, "Change an attribute", {
			errors: ["NOT_FOUND", "DUPLICATE"]
		}),
	remove: action({ id: id() })
		.returns(nothing)
		.rest("DELETE /admin/attributes/:id", staff, "Remove an attribute that no product uses", {
			errors: ["NOT_FOUND", "IN_USE"]
		}),
	/** Adds those that are not there. */
	import: action(
		{
			attributes: list(
				obj({
					id: id(),
					name: name(),
					categoryId: orNull(id()),
					kind,
					input,
					values: list(line({ max: 100 }), { max: 200 }),
					facet: bool()
				}),
				{ max: 500 }
			)
		},
		{ repeatable: true }
	).returns(nothing),
	/** What applies to products of a category with this path, those of the nearest category first, then those of none. */
	applying: action({ path: list(id(), { max: 3 }) }, { repeatable: true }).returns(list(attribute)),
	/** Whether an attribute is declared for this category. */
	uses: action({ categoryId: id() }, { repeatable: true }).returns(bool())
});
