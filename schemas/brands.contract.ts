import { action, contract, event } from "./kit/contract";
import * as r from "./kit/rules";
import { line, optionalProse, url } from "./kit/text-rules";

const card = { id: r.id(), name: r.str(), logo: r.orNull(r.str()), firstLetter: r.str() };
const brand = r.obj("Brand", {
	...card,
	description: r.orNull(r.text()),
	categoryIds: r.list(r.id()),
	createdAt: r.time(),
	updatedAt: r.time()
});
export type BrandView = r.TypeOf<typeof brand>;

const letter = () =>
	r.str({
		max: 1,
		pattern: /^[A-Z#]$/,
		about: "A to Z, # for what begins with neither a letter nor a Chinese character"
	});
const letterInAnyCase = () => r.str({ max: 1, pattern: /^[A-Za-z#]$/, about: "In either case" });
const name = () => line({ max: 60 });
const details = {
	logo: r.opt(r.orNull(url())),
	description: r.opt(r.orNull(optionalProse({ max: 2000 }))),
	firstLetter: r.opt(letter()),
	categoryIds: r.opt(r.list(r.id(), { max: 100, unique: true }))
};
const staff = ["merchandiser"] as const;

export const brands = contract("brands", {
	browse: action({ ...r.paging, letter: r.opt(letterInAnyCase()), categoryId: r.opt(r.id()) })
		.returns(r.pageOf(r.obj(card)))
		.rest(
			"GET /brands",
			"public",
			"Brands by letter; with `categoryId`, those of the category and of any above or below it"
		),
	list: action({ ...r.paging, letter: r.opt(letterInAnyCase()), categoryId: r.opt(r.id()) })
		.returns(r.pageOf(brand))
		.rest("GET /admin/brands", staff, "Brands with all details"),
	get: action({ id: r.id() }).returns(brand).rest("GET /admin/brands/:id", staff, "One brand"),
	create: action({ name: name(), ...details })
		.returns(brand)
		.rest("POST /admin/brands", staff, "Add a brand", { status: 201, errors: ["DUPLICATE"] }),
	edit: action({ id: r.id(), name: r.opt(name()), ...details })
		.returns(brand)
		.rest("PATCH /admin/brands/:id", staff, "Change a brand", { errors: ["NOT_FOUND", "DUPLICATE"] }),
	remove: action({ id: r.id() })
		.returns(r.nothing)
		.rest("DELETE /admin/brands/:id", staff, "Remove a brand that no product uses", {
			errors: ["NOT_FOUND", "IN_USE"]
		}),
	exists: action({ id: r.id() }, { repeatable: true }).returns(r.bool()),
	/** Brands of these ids or names, whatever the names' case and width. */
	names: action(
		{ ids: r.opt(r.list(r.id(), { max: 500 })), names: r.opt(r.list(r.str(), { max: 500 })) },
		{ repeatable: true }
	).returns(r.list(r.obj({ id: r.id(), name: r.str() }))),
	/** Whether a brand names this category. */
	uses: action({ categoryId: r.id() }, { repeatable: true }).returns(r.bool()),
	/** Adds the brands that are missing; the others stay as they are. */
	import: action(
		{
			brands: r.list(
				r.obj({
					id: r.id(),
					name: name(),
					logo: r.orNull(url()),
					description: r.orNull(optionalProse({ max: 2000 })),
					categoryIds: r.list(r.id(), { max: 100 })
				}),
				{ max: 500 }
			)
		},
		{ repeatable: true }
	).returns(r.nothing)
});

export const brandEvents = {
	"brand.changed": event({ brandId: r.id() }).means("A brand was added, or its details were changed")
};
