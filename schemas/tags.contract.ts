import { action, contract } from "./kit/contract";
import * as r from "./kit/rules";
import { line } from "./kit/text-rules";

const tag = r.obj("Tag", {
	id: r.id(),
	name: r.str(),
	color: r.orNull(r.str()),
	createdAt: r.time(),
	updatedAt: r.time()
});
export type TagView = r.TypeOf<typeof tag>;

/** A tag as shoppers see it. */
const label = r.obj("TagLabel", { id: r.id(), name: r.str(), color: r.orNull(r.str()) });

const name = () => line({ max: 40 });
const color = () => r.opt(r.orNull(r.str({ max: 30, pattern: /^#?[\w(),.% -]+$/ })));
const staff = ["merchandiser"] as const;

export const tags = contract("tags", {
	browse: action({
		categoryId: r.opt(
			r.id("Any category: products of each may have all tags, so that it leaves none out")
		)
	})
		.returns(r.list(label))
		.rest("GET /tags", "public", "Tags of products"),
	list: action(r.cursorPaging).returns(r.pageOf(tag)).rest("GET /admin/tags", staff, "All tags"),
	get: action({ id: r.id() }).returns(tag).rest("GET /admin/tags/:id", staff, "One tag"),
	create: action({ name: name(), color: color() })
		.returns(tag)
		.rest("POST /admin/tags", staff, "Add a tag", { status: 201, errors: ["DUPLICATE"] }),
	edit: action({ id: r.id(), name: r.opt(name()), color: color() })
		.returns(tag)
		.rest("PATCH /admin/tags/:id", staff, "Change a tag", { errors: ["NOT_FOUND", "DUPLICATE"] }),
	remove: action({ id: r.id() })
		.returns(r.nothing)
		.rest("DELETE /admin/tags/:id", staff, "Remove a tag that no product uses", {
			errors: ["NOT_FOUND", "IN_USE"]
		}),
	/** Adds the tags that are missing; the others stay as they are. */
	import: action(
		{ tags: r.list(r.obj({ id: r.id(), name: name(), color: r.str({ max: 30 }) }), { max: 500 }) },
		{ repeatable: true }
	).returns(r.nothing),
	/** Tags of these ids or names, whatever the names' case and width. */
	names: action(
		{ ids: r.opt(r.list(r.id(), { max: 500 })), names: r.opt(r.list(r.str(), { max: 500 })) },
		{ repeatable: true }
	).returns(r.list(r.obj({ id: r.id(), name: r.str() }))),
	/** The given ids without those of no tag. */
	existing: action({ ids: r.list(r.id(), { max: 100 }) }, { repeatable: true }).returns(r.list(r.id()))
});
