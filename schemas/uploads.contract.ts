import { rawRequest, rawResponse } from "./http.contract";
import { action, contract, type PictureForm } from "./kit/contract";
import * as r from "./kit/rules";

const FORM: PictureForm = { field: "file", maxBytes: 5 * 1024 * 1024, maxEdge: 2048 };
/** Base64 of what the gateway encoded. */
const image = r.str({ max: 1_000_000 });
const stored = r.obj({ url: r.str() });

/** Who keeps a picture, such as `review:01J…`: the kind and the id of a document. */
const owner = r.id();

export const uploads = contract("uploads", {
	upload: action({ purpose: r.oneOf("review", "after_sale"), image })
		.returns(stored)
		.rest("POST /uploads", "user", "Upload a picture (png, jpeg or webp, at most 5 MiB)", {
			status: 201,
			upload: FORM
		}),
	uploadForShop: action({ purpose: r.oneOf("product", "brand", "category", "banner"), image })
		.returns(stored)
		.rest(
			"POST /admin/uploads",
			["merchandiser"],
			"Upload a picture for the catalogue or the home page",
			{
				status: 201,
				upload: FORM,
				audited: false
			}
		),
	show: action({ ...rawRequest, name: r.str({ max: 64 }) })
		.returns(rawResponse)
		.rest("GET /uploads/:name", "public", "An uploaded picture", { root: true, raw: true }),

	/**
	 * Keeps uploaded pictures for their owner; called before the write that stores their addresses. Other addresses are
	 * ignored. Refuses with VALIDATION_ERROR of `field` if a picture does not exist. Adds to what the owner has claimed before.
	 */
	claim: action(
		{ owner, urls: r.list(r.str({ max: 500 }), { max: 500 }), field: r.opt(r.str({ max: 64 })) },
		{ repeatable: true }
	).returns(r.nothing),
	/** Refuses as `claim` would, and keeps nothing. */
	check: action(
		{ urls: r.list(r.str({ max: 500 }), { max: 500 }), field: r.opt(r.str({ max: 64 })) },
		{ repeatable: true }
	).returns(r.nothing),
	/** Drops what the owner has claimed. Pictures that nobody else has claimed are removed. */
	release: action({ owner }, { repeatable: true }).returns(r.nothing)
});
