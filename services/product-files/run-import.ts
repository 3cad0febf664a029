import { setTimeout as pause } from "node:timers/promises";
import { ulid } from "ulid";
import { invalidFields, Refusal } from "../../schemas/errors/errors";
import { formatFieldMessage, MESSAGES, type Lang } from "../../schemas/errors/messages";
import type { Ctx } from "../../schemas/kit/service";
import type { ImportResult, RowError } from "../../schemas/product-files.contract";
import type { RowOutcome } from "../../schemas/products.imports";
import { call } from "../../schemas/registry";
import { checkHeader, columnOf, readName, type Columns } from "./columns.domain";
import type { Counts, Import, ProductFilesContext } from "./product-files.context";
import { inspectFile, readRecords, removePieces, type CsvRecord, type Encoding } from "./read-file";
import { RowResolver, type Fault, type Group } from "./resolve-rows";
import { SpreadNames, Trial } from "./trial";

/** Most rows that are worked on at a time, and after which the progress is written. */
const MAX_BATCH = 100;
/** Most cells of a batch, which is one message. */
const MAX_BATCH_CELLS = 30_000;
const batchSizeOf = (columns: Columns): number =>
	Math.max(1, Math.min(MAX_BATCH, Math.floor(MAX_BATCH_CELLS / columns.length)));
/** An import that has not written its progress for so long was left by a crash. */
const STALE_MS = 30_000;
const POLL_MS = 300;

const NOTHING: Counts = { rows: 0, created: 0, updated: 0, unchanged: 0, failed: 0 };
type Options = {
	readonly file: string;
	readonly dryRun?: boolean | undefined;
	readonly atomic?: boolean | undefined;
};
type Scanned = { readonly columns: Columns; readonly total: number; readonly names: SpreadNames };
type Source = Omit<Scanned, "total"> & { readonly file: string; readonly encoding: Encoding };

/**
 * Imports a file that was handed on in pieces. The same file with the same options, sent again, waits for the import that
 * runs, or goes on with one that a crash has left: rows that are imported already are `unchanged` then.
 */
export async function runImport(
	context: ProductFilesContext,
	ctx: Ctx<object>,
	{ file, dryRun = false, atomic = false }: Options
): Promise<ImportResult> {
	try {
		const { encoding, digest } = await inspectFile(context, file);
		const liveKey = digest.update(`${dryRun} ${atomic}`).digest("base64url");
		const { total, ...scanned } = await scanFile(context, file, encoding);
		const started = await startOrJoinImport(context, { liveKey, dryRun, atomic, total });
		const { _id } = started.isOurs
			? await completeImport(context, ctx, started.import, { file, encoding, ...scanned })
			: await waitFor(context, started.import._id);
		return await readResult(context, _id);
	} finally {
		await removePieces(context, file);
	}
}

/** Reads the whole file before anything is imported: refuses a bad header and what is no CSV, and counts the rows. */
async function scanFile(context: ProductFilesContext, file: string, encoding: Encoding): Promise<Scanned> {
	const names = new SpreadNames();
	let columns: Columns | undefined;
	let total = 0;
	for await (const { cells } of readRecords(context, file, encoding))
		if (columns) names.add(readName(columns, cells), Math.floor(total++ / batchSizeOf(columns)));
		else columns = checkHeader(cells);
	if (!columns) throw invalidFields([{ field: "file", type: "required" }]);
	return { columns, total, names };
}

/** Stores a new import, joins the same one that runs, or takes over one that a crash has left: then it `isOurs` too. */
async function startOrJoinImport(
	{ imports, errors }: ProductFilesContext,
	given: Pick<Import, "dryRun" | "atomic" | "total"> & { readonly liveKey: string }
): Promise<{ readonly import: Import; readonly isOurs: boolean }> {
	const now = new Date();
	const fresh: Import = {
		_id: ulid(),
		...given,
		...NOTHING,
		state: "running",
		startedAt: now,
		updatedAt: now,
		finishedAt: null
	};
	const stored = await imports.insertOnce(fresh, { liveKey: given.liveKey });
	if (stored._id === fresh._id) return { import: stored, isOurs: true };
	const stale = { _id: stored._id, updatedAt: { $lt: new Date(now.getTime() - STALE_MS) } };
	const taken = await imports.change(stale, { $set: { ...NOTHING, updatedAt: now } });
	if (taken) await errors.remove(errorsOf(taken._id));
	return { import: taken ?? stored, isOurs: taken !== null };
}

async function waitFor({ imports }: ProductFilesContext, id: string): Promise<Import> {
	for (;;) {
		const found = await imports.get(id);
		if (found.state === "done") return found;
		if (found.state === "failed" || found.updatedAt.getTime() < Date.now() - STALE_MS)
			throw new Refusal("SERVICE_UNAVAILABLE", "The import stopped; send the file again", {
				retryAfter: 1
			});
		await pause(POLL_MS);
	}
}

/** Does the work of an import and ends it; an atomic one is first tried out, and ends there if a row fails. */
async function completeImport(
	context: ProductFilesContext,
	ctx: Ctx<object>,
	{ _id, dryRun, atomic }: Import,
	source: Source
): Promise<Import> {
	const end = (state: Import["state"], counts?: Counts) =>
		context.imports.change(
			{ _id },
			{
				$set: { state, ...counts, updatedAt: new Date(), finishedAt: new Date() },
				$unset: { liveKey: "" }
			}
		);
	try {
		let counts = await importAllRows(context, ctx, _id, source, dryRun || atomic);
		// What would have been imported stays as it is.
		if (atomic && counts.failed > 0)
			counts = {
				...NOTHING,
				rows: counts.rows,
				failed: counts.failed,
				unchanged: counts.rows - counts.failed
			};
		else if (atomic && !dryRun) counts = await importAllRows(context, ctx, _id, source, false);
		return (await end("done", counts)) ?? (await context.imports.get(_id));
	} catch (err) {
		await end("failed");
		throw err;
	}
}

/** Goes through the file once, batch by batch, and writes the progress. */
async function importAllRows(
	context: ProductFilesContext,
	ctx: Ctx<object>,
	importId: string,
	{ file, encoding, columns, names }: Source,
	dryRun: boolean
): Promise<Counts> {
	const resolver = await RowResolver.open(ctx, columns);
	const trial = dryRun ? new Trial(names) : null;
	const batchSize = batchSizeOf(columns);
	let counts = NOTHING;
	let batch: CsvRecord[] = [];
	let isHeader = true;
	const flush = async () => {
		counts = addCounts(counts, await importBatch(context, ctx, { importId, resolver, batch, trial }));
		batch = [];
		await context.imports.change({ _id: importId }, { $set: { ...counts, updatedAt: new Date() } });
	};
	for await (const record of readRecords(context, file, encoding)) {
		if (!isHeader) batch.push(record);
		isHeader = false;
		if (batch.length >= batchSize) await flush();
	}
	if (batch.length) await flush();
	return counts;
}

async function importBatch(
	{ errors }: ProductFilesContext,
	ctx: Ctx<object>,
	{
		importId,
		resolver,
		batch,
		trial
	}: {
		readonly importId: string;
		readonly resolver: RowResolver;
		readonly batch: readonly CsvRecord[];
		/** Null: the rows are imported. */
		readonly trial: Trial | null;
	}
): Promise<Counts> {
	const { groups, faults } = await resolver.resolve(ctx, batch);
	const outcomes = await importGroups(ctx, groups, trial);
	const keyOf = new Map(groups.flatMap(({ key, skus }) => skus.map(({ line }) => [line, key] as const)));
	for (const { line, productId, outcome, faults: found } of outcomes)
		if (outcome === "failed") faults.set(line, found.map(toFault));
		else if (productId !== null) resolver.noteImported(keyOf.get(line) ?? "", productId);
	const lang = ctx.meta.lang ?? "zh";
	const stored = [...faults].flatMap(([line, found]) =>
		found.map((fault, n) => ({
			_id: `${importId}:${String(line).padStart(8, "0")}:${n}`,
			...toRowError(line, fault, lang)
		}))
	);
	if (stored.length) await errors.insertMissing(stored);
	return countOutcomes(batch.length, outcomes, faults.size);
}

/** Imports or tries the groups; resolves with the outcomes of their own rows. */
async function importGroups(
	ctx: Ctx<object>,
	given: readonly Group[],
	trial: Trial | null
): Promise<RowOutcome[]> {
	if (given.length === 0) return [];
	const groups = trial ? given.map(group => trial.extend(group)) : given;
	const outcomes = await call(ctx, "products.importRows", {
		groups: groups.map(({ key: _key, ...group }) => group),
		dryRun: trial !== null
	});
	const ofLine = new Map(outcomes.map(outcome => [outcome.line, outcome]));
	for (const group of groups)
		trial?.keepAccepted(
			group,
			group.skus.flatMap(({ line }) => ofLine.get(line) ?? [])
		);
	return given.flatMap(({ skus }) => skus.flatMap(({ line }) => ofLine.get(line) ?? []));
}

function countOutcomes(rows: number, outcomes: readonly RowOutcome[], failed: number): Counts {
	const of = (wanted: RowOutcome["outcome"]) => outcomes.filter(({ outcome }) => outcome === wanted).length;
	return { rows, created: of("created"), updated: of("updated"), unchanged: of("unchanged"), failed };
}

const addCounts = (a: Counts, b: Counts): Counts => ({
	rows: a.rows + b.rows,
	created: a.created + b.created,
	updated: a.updated + b.updated,
	unchanged: a.unchanged + b.unchanged,
	failed: a.failed + b.failed
});

const toFault = ({ field, code, type, expected }: RowOutcome["faults"][number]): Fault => ({
	column: field === null ? null : columnOf(field),
	code,
	type: type ?? code,
	expected
});

function toRowError(line: number, { column, code, type, expected }: Fault, lang: Lang): RowError {
	const general = Object.hasOwn(MESSAGES, code) ? MESSAGES[code as keyof typeof MESSAGES][lang] : code;
	return { line, column, code, message: formatFieldMessage(type, expected, lang, general) };
}

const errorsOf = (importId: string) => ({ _id: { $gt: `${importId}:`, $lt: `${importId};` } });

/** Errors that one query reads. */
const ERRORS_PER_READ = 500;

/** The errors of an import in the order of their lines. */
export async function readErrors(
	{ errors }: Pick<ProductFilesContext, "errors">,
	importId: string,
	most = Infinity
): Promise<RowError[]> {
	const read: RowError[] = [];
	let after = `${importId}:`;
	while (read.length < most) {
		const limit = Math.min(ERRORS_PER_READ, most - read.length);
		const found = await errors.find(
			{ _id: { $gt: after, $lt: `${importId};` } },
			{ sort: { _id: 1 }, limit }
		);
		for (const { line, column, code, message } of found) read.push({ line, column, code, message });
		if (found.length < limit) break;
		after = found.at(-1)?._id ?? after;
	}
	return read;
}

async function readResult(context: ProductFilesContext, id: string): Promise<ImportResult> {
	const { rows, created, updated, unchanged, failed } = await context.imports.get(id);
	return { id, rows, created, updated, unchanged, failed, errors: await readErrors(context, id) };
}
