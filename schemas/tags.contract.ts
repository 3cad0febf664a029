import {
	action,
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
	time,
	type TypeOf
} from "./kit";
import { line } from "./text-rules";

const tag = obj({ id: id(), name: str(), color: orNull(str()), createdAt: time(), updatedAt: time() });
export type TagView = TypeOf<typeof tag>;

const name = () => line({ max: 40 });
const color = () => opt(orNull(str({ max: 30, pattern: /^#?[\w(),.% -]+$/ })));
const staff = ["merchandiser"] as const;

export const tags = contract("tags", {
	list: action({ ...paging })
		.returns(pageOf(tag))
		.rest("GET /admin/tags", staff, "All tags"),
	get: action({ id: id() }).returns(tag).rest("GET /admin/tags/:id", staff, "One tag"),
	create: action({ name: name(), color: color() })
		.returns(tag)
		.rest("POST /admin/tags", staff, "Add a tag", { status: 201, errors: ["DUPLICATE"] }),
	edit: action({ id: id(), name: opt(name()), color: color() })
		.returns(tag)
		.rest("PATCH /admin/tags/:id", staff, "Change a tag", { errors: ["NOT_FOUND", "DUPLICATE"] }),
	remove: action({ id: id() })
		.returns(nothing)
		.rest("DELETE /admin/tags/:id", staff, "Remove a tag that no product uses", {
			errors: ["NOT_FOUND", "IN_USE"]
		}),
	/** Adds those that are not there. */
	import: action(
		{ tags: list(obj({ id: id(), name: name(), color: str({ max: 30 }) }), { max: 500 }) },
		{ repeatable: true }
	).returns(nothing),
	/** Those of the ids that are tags. */
	known: action({ ids: list(id(), { max: 100 }) }, { repeatable: true }).returns(list(id()))
});
