import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { productFiles, type ImportView } from "../../schemas/product-files.contract";
import { service } from "../../schemas/registry";
import { DAY_MS } from "../../schemas/values/durations";
import type { Import, Piece, ProductFilesContext, StoredError } from "./product-files.context";
import { readErrors, runImport } from "./run-import";
import { writePiece } from "./write-file";

/** Errors that the progress of an import shows; its end tells all. */
const ERRORS_SHOWN = 100;
const KEEP_PIECES_MS = 2 * 3_600_000;
const KEEP_IMPORTS_MS = 30 * DAY_MS;

/** Reads and writes files of products. What becomes of a row is decided by `products`. */
export default service(productFiles, {
	dependencies: ["products", "categories", "brands", "tags"],
	mixins: [
		storeMixin({
			pieces: collection<Piece>("import_pieces", [{ keys: { file: 1 } }, { keys: { at: 1 } }]),
			imports: collection<Import>("imports", [
				{ keys: { liveKey: 1 }, unique: true, sparse: true },
				{ keys: { startedAt: 1 } }
			]),
			errors: collection<StoredError>("import_errors")
		}),
		scheduleMixin<ProductFilesContext>({
			name: "pieces of files that nobody imported",
			every: "housekeeping.sweepEvery",
			run() {
				return forgetOldImports(this);
			}
		})
	],

	actions: {
		append: {
			async handler({ params: { file, n, data } }) {
				const piece = { _id: `${file}:${n}`, file, n, data, at: new Date() };
				await this.pieces.tryInsert(piece);
				return null;
			}
		},
		import: {
			async handler(ctx) {
				return runImport(this, ctx, ctx.params);
			}
		},
		list: {
			async handler({ params }) {
				const page = await this.imports.page({}, params);
				return { ...page, items: page.items.map(found => toView(found, [])) };
			}
		},
		get: {
			async handler({ params: { id } }) {
				const found = await this.imports.get(id);
				return toView(found, await readErrors(this, id, ERRORS_SHOWN));
			}
		},
		export: {
			async handler(ctx) {
				const { state, ...filters } = ctx.params;
				return writePiece(ctx, filters, state);
			}
		}
	}
});

const toView = (found: Import, errors: ImportView["errors"]): ImportView => ({
	id: found._id,
	state: found.state,
	dryRun: found.dryRun,
	atomic: found.atomic,
	total: found.total,
	rows: found.rows,
	created: found.created,
	updated: found.updated,
	unchanged: found.unchanged,
	failed: found.failed,
	errors,
	startedAt: found.startedAt.toISOString(),
	finishedAt: found.finishedAt?.toISOString() ?? null
});

async function forgetOldImports({ pieces, imports, errors }: ProductFilesContext): Promise<void> {
	const before = (ms: number) => new Date(Date.now() - ms);
	await pieces.remove({ at: { $lt: before(KEEP_PIECES_MS) } });
	const old = await imports.find({ startedAt: { $lt: before(KEEP_IMPORTS_MS) } }, { limit: 100 });
	for (const { _id } of old) {
		await errors.remove({ _id: { $gt: `${_id}:`, $lt: `${_id};` } });
		await imports.remove({ _id });
	}
}
