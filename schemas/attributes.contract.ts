import { action, contract, event } from "./kit/contract";
import * as r from "./kit/rules";
import { line } from "./kit/text-rules";

const kind = r.oneOf("sale", "spec");
const input = r.oneOf("select", "text", "number");
const attribute = r.obj("Attribute", {
	id: r.id(),
	name: r.str(),
	/** The attribute applies to products of this category and of those below it; null: to all products. */
	categoryId: r.orNull(r.id()),
	/** `sale`: the SKUs of a product differ in it; `spec`: all of a product share it. */
	kind,
	input,
	values: r.list(r.str()),
	unit: r.orNull(r.str()),
	required: r.bool(),
	facet: r.bool(),
	createdAt: r.time(),
	updatedAt: r.time()
});
export type AttributeView = r.TypeOf<typeof attribute>;

/** An attribute as a page needs it to offer its values for filtering. */
const filter = r.obj("AttributeFilter", {
	id: r.id(),
	name: r.str(),
	kind,
	input,
	values: r.list(r.str()),
	unit: r.orNull(r.str()),
	facet: r.bool()
});
export type AttributeFilter = r.TypeOf<typeof filter>;

const name = () => line({ max: 40, without: "=." });
const details = {
	categoryId: r.opt(r.orNull(r.id())),
	values: r.opt(r.list(line({ max: 100 }), { max: 200, unique: true })),
	unit: r.opt(r.orNull(line({ max: 20 }))),
	required: r.opt(r.bool()),
	facet: r.opt(r.bool())
};
const staff = ["merchandiser"] as const;

export const attributes = contract("attributes", {
	browse: action({ categoryId: r.opt(r.id()) })
		.returns(r.list(filter))
		.rest(
			"GET /attributes",
			"public",
			"Attributes for a filter bar; with `categoryId`, those of products in that category"
		),
	list: action({ ...r.cursorPaging, categoryId: r.opt(r.id()), kind: r.opt(kind) })
		.returns(r.pageOf(attribute))
		.rest("GET /admin/attributes", staff, "Attributes; with `categoryId`, those declared there"),
	get: action({ id: r.id() }).returns(attribute).rest("GET /admin/attributes/:id", staff, "One attribute"),
	create: action({ name: name(), kind, input, ...details })
		.returns(attribute)
		.rest("POST /admin/attributes", staff, "Declare an attribute", { status: 201 }),
	edit: action({ id: r.id(), name: r.opt(name()), kind: r.opt(kind), input: r.opt(input), ...details })
		.returns(attribute)
		.rest("PATCH /admin/attributes/:id", staff, "Change an attribute", { errors: ["NOT_FOUND"] }),
	remove: action({ id: r.id() })
		.returns(r.nothing)
		.rest("DELETE /admin/attributes/:id", staff, "Remove an attribute that no product uses", {
			errors: ["NOT_FOUND", "IN_USE"]
		}),
	/** Adds the attributes that are missing; the others stay as they are. */
	import: action(
		{
			attributes: r.list(
				r.obj({
					id: r.id(),
					name: name(),
					categoryId: r.orNull(r.id()),
					kind,
					input,
					values: r.list(line({ max: 100 }), { max: 200 }),
					facet: r.bool()
				}),
				{ max: 500 }
			)
		},
		{ repeatable: true }
	).returns(r.nothing),
	/** Attributes of products in a category with this path: those of the nearest category first, those of no category last. */
	applicable: action({ path: r.list(r.id(), { max: 3 }) }, { repeatable: true }).returns(r.list(attribute)),
	/** Whether an attribute is declared for this category. */
	uses: action({ categoryId: r.id() }, { repeatable: true }).returns(r.bool())
});

export const attributeEvents = {
	"attribute.changed": event({ attributeId: r.id() }).means(
		"An attribute was declared, or its declaration was changed"
	)
};
