import { action, contract } from "./kit/contract";
import * as r from "./kit/rules";
import { productStatus } from "./products.views";

/** Largest file of an import. */
export const MAX_FILE_BYTES = 50 * 1024 * 1024;
/** Bytes of a file that travel in one call; in base64 they fit a message of NATS. */
export const PIECE_BYTES = 192 * 1024;
/** Longest time of one import or export. */
const MAX_MS = 60 * 60_000;

const count = () => r.int({ min: 0 });
/** `rows` is the sum of the other four. */
const counts = { rows: count(), created: count(), updated: count(), unchanged: count(), failed: count() };
const rowError = r.obj({
	/** Line in the file; the header is line 1. */
	line: r.int({ min: 1 }),
	/** Null for a fault of the whole row. */
	column: r.orNull(r.str()),
	code: r.str(),
	message: r.str()
});
export type RowError = r.TypeOf<typeof rowError>;
const result = r.obj({ id: r.id(), ...counts, errors: r.list(rowError) });
export type ImportResult = r.TypeOf<typeof result>;

const importView = r.obj({
	id: r.id(),
	state: r.oneOf("running", "done", "failed"),
	dryRun: r.bool(),
	atomic: r.bool(),
	/** Rows of the file, as far as they are counted, and those that are done. */
	total: count(),
	...counts,
	/** The first 100. */
	errors: r.list(rowError),
	startedAt: r.time(),
	finishedAt: r.orNull(r.time())
});
export type ImportView = r.TypeOf<typeof importView>;

const staff = ["merchandiser"] as const;

export const productFiles = contract("productFiles", {
	/** Keeps a piece of a file that the gateway is receiving. */
	append: action(
		{ file: r.id(), n: count(), data: r.str({ max: 2 * PIECE_BYTES }) },
		{ repeatable: true }
	).returns(r.nothing),
	import: action({ file: r.id(), dryRun: r.opt(r.bool()), atomic: r.opt(r.bool()) })
		.returns(result)
		.rest(
			"POST /admin/products/import",
			staff,
			"Create and change products by a CSV file with a row for each SKU; what can't be imported is told by line",
			{
				hasBody: false,
				file: {
					field: "file",
					maxBytes: MAX_FILE_BYTES,
					pieceBytes: PIECE_BYTES,
					append: "productFiles.append"
				},
				maxMs: MAX_MS,
				errors: ["PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"]
			}
		),
	list: action(r.cursorPaging)
		.returns(r.pageOf(importView))
		.rest("GET /admin/imports", staff, "Imports, newest first"),
	get: action({ id: r.id() })
		.returns(importView)
		.rest("GET /admin/imports/:id", staff, "An import and how far it is", { errors: ["NOT_FOUND"] }),
	export: action({
		q: r.opt(r.text({ max: 100 })),
		categoryId: r.opt(r.id()),
		brandId: r.opt(r.id()),
		status: r.opt(productStatus),
		/** Where to go on: what the answer before has given. The gateway sends it, clients can not. */
		state: r.opt(r.str({ max: 1_000_000 }))
	})
		.returns(r.obj({ text: r.text(), state: r.orNull(r.str()) }))
		.rest(
			"GET /admin/products/export",
			staff,
			"All products that match, as the CSV file that can be imported",
			{
				pieces: { type: "text/csv; charset=utf-8", filename: "products.csv" },
				maxMs: MAX_MS
			}
		)
});
