import {
	action,
	bool,
	contract,
	id,
	list,
	nothing,
	obj,
	opt,
	orNull,
	pageOf,
	paging,
	str,
	text,
	time,
	type TypeOf
} from "./kit";
import { line, optionalProse, url } from "./text-rules";

const card = { id: id(), name: str(), logo: orNull(str()), firstLetter: str() };
const brand = obj({
	...card,
	description: orNull(text()),
	categoryIds: list(id()),
	createdAt: time(),
	updatedAt: time()
});
export type BrandView = TypeOf<typeof brand>;

const letter = () =>
	str({
		max: 1,
		pattern: /^[A-Z#]$/,
		about: "A to Z, # for what begins with neither a letter nor a Chinese character"
	});
const name = () => line({ max: 60 });
const details = {
	logo: opt(orNull(url())),
	description: opt(orNull(optionalProse({ max: 2000 }))),
	firstLetter: opt(letter()),
	categoryIds: opt(list(id(), { max: 100, unique: true }))
};
const staff = ["merchandiser"] as const;

export const brands = contract("brands", {
	browse: action({ ...paging, letter: opt(letter()), categoryId: opt(id()) })
		.returns(pageOf(obj(card)))
		.rest("GET /brands", "public", "Brands by letter; of a category, those above and those under it"),
	list: action({ ...paging, letter: opt(letter()), categoryId: opt(id()) })
		.returns(pageOf(brand))
		.rest("GET /admin/brands", staff, "Brands with all details"),
	get: action({ id: id() }).returns(brand).rest("GET /admin/brands/:id", staff, "One brand"),
	create: action({ name: name(), ...details })
		.returns(brand)
		.rest("POST /admin/brands", staff, "Add a brand", { status: 201, errors: ["DUPLICATE"] }),
	edit: action({ id: id(), name: opt(name()), ...details })
		.returns(brand)
		.rest("PATCH /admin/brands/:id", staff, "Change a brand", { errors: ["NOT_FOUND", "DUPLICATE"] }),
	remove: action({ id: id() })
		.returns(nothing)
		.rest("DELETE /admin/brands/:id", staff, "Remove a brand that no product uses", {
			errors: ["NOT_FOUND", "IN_USE"]
		}),
	exists: action({ id: id() }, { repeatable: true }).returns(bool()),
	/** Whether a brand names this category. */
	uses: action({ categoryId: id() }, { repeatable: true }).returns(bool()),
	/** Adds those that are not there. */
	import: action(
		{
			brands: list(
				obj({
					id: id(),
					name: name(),
					logo: orNull(url()),
					description: orNull(optionalProse({ max: 2000 })),
					categoryIds: list(id(), { max: 100 })
				}),
				{ max: 500 }
			)
		},
		{ repeatable: true }
	).returns(nothing)
});
