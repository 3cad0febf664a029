import * as r from "./kit/rules";

/** An HTTP request as received, for actions with a protocol of their own (`raw` routes). */
export const rawRequest = {
	method: r.str({ max: 10 }),
	/** From the root, without the query. */
	path: r.str({ max: 2048 }),
	/** The decoded query; the last value of a repeated name. */
	query: r.personal(r.record(r.text({ max: 16_384 }))),
	/** The query as received, with its question mark; empty without one. */
	search: r.personal(r.text({ max: 16_384 })),
	/** Names in lower case. */
	headers: r.secret(r.record(r.text({ max: 16_384 }))),
	/** The bytes as received, in base64. */
	body: r.secret(r.text({ max: 200_000 }))
};

/** The bare response; `body` is base64. */
export const rawResponse = r.obj({
	status: r.int({ min: 200, max: 599 }),
	headers: r.secret(r.record(r.text())),
	body: r.secret(r.text())
});
export type RawResponse = r.TypeOf<typeof rawResponse>;

/** Header that lets pages of any origin embed the answer, such as a picture. Without it only the gateway's own pages can. */
export const EMBEDDABLE = { "Cross-Origin-Resource-Policy": "cross-origin" };
