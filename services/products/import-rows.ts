import { setImmediate as yieldToOthers } from "node:timers/promises";
import { ulid } from "ulid";
import { commitTogether } from "../../mixins/platform";
import { invalidState, type FieldFault } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import type { ImportedGroup, ImportedSku, RowOutcome } from "../../schemas/products.imports";
import { fold } from "../../schemas/values/text";
import { canMoveStatus, moveStatus } from "./change-status";
import { checkDeclaredAttributes, checkReferences } from "./check-references";
import { createProduct } from "./create-product";
import { checkPictures, claimPictures } from "./claim-pictures";
import { editProduct } from "./edit-product";
import { fetchCategoryPosition, followCategory } from "./follow-category";
import { mergeAttributes, mergeSku, planContent } from "./import.domain";
import type { Product, ProductEdit } from "./product.domain";
import type { ProductsContext } from "./products.context";
import type { SkuSet } from "./sku.domain";

type Outcome = RowOutcome["outcome"];
type Fault = RowOutcome["faults"][number];

export async function findCodes(
	{ products }: ProductsContext,
	codes: readonly string[]
): Promise<{ code: string; productId: string }[]> {
	const byKey = new Map(codes.map(code => [fold(code), code]));
	const found = await products.find(
		{ "skus.codeKey": { $in: [...byKey.keys()] } },
		{ fields: ["skus.codeKey"] }
	);
	return found.flatMap(({ _id, skus }) =>
		skus.flatMap(({ codeKey }) => {
			const code = byKey.get(codeKey);
			return code === undefined ? [] : [{ code, productId: _id }];
		})
	);
}

/** Imports groups of rows one after the other; each is one product, and what is wrong with one stops no other. */
export async function importGroups(
	context: ProductsContext,
	ctx: Ctx<object>,
	{ groups, dryRun }: { readonly groups: readonly ImportedGroup[]; readonly dryRun: boolean }
): Promise<RowOutcome[]> {
	const outcomes: RowOutcome[] = [];
	for (const group of groups) {
		outcomes.push(...(await commitTogether(() => importGroup(context, ctx, group, dryRun))));
		await yieldToOthers(); // reads of the SQLite file alone would hold the event loop
	}
	return outcomes;
}

async function importGroup(
	context: ProductsContext,
	ctx: Ctx<object>,
	group: ImportedGroup,
	dryRun: boolean
): Promise<RowOutcome[]> {
	const failed = new Map<number, Fault[]>();
	for (;;) {
		const rows = group.skus.filter(({ line }) => !failed.has(line));
		const failures = [...failed].map(([line, faults]) => toOutcome(line, "failed", null, faults));
		if (!rows.length) return failures;
		try {
			const product = await findProduct(context, group);
			const rest = { ...group, skus: rows };
			const done = product
				? await changeProduct(context, ctx, product, rest, dryRun)
				: await addProduct(context, ctx, rest, dryRun);
			return [...failures, ...done];
		} catch (err) {
			// What the error says of a row fails that row, and the others are tried again; anything else fails them all.
			for (const [line, faults] of assignFaults(err, rows)) failed.set(line, faults);
		}
	}
}

const toOutcome = (
	line: number,
	outcome: Outcome,
	productId: string | null,
	faults: readonly Fault[] = []
): RowOutcome => ({ line, outcome, productId, faults });

async function findProduct(
	{ products }: ProductsContext,
	{ productId, name, categoryIds }: ImportedGroup
): Promise<Product | null> {
	return productId === null
		? products.findOne({ categoryId: { $in: categoryIds }, name }, { sort: { _id: 1 } })
		: products.get(productId);
}

/** The error of one row. */
class RowError extends Error {
	constructor(
		readonly line: number,
		readonly faults: readonly Fault[]
	) {
		super("A row can't be imported");
	}
}

/** The SKU set with all rows, and the lines of those that change it. */
function mergeRows<S extends SkuSet>(
	before: S,
	rows: readonly ImportedSku[]
): { readonly set: S; readonly changed: ReadonlySet<number> } {
	const changed = new Set<number>();
	let set = before;
	for (const row of rows)
		try {
			const edit = mergeSku(set, row);
			if (!edit) continue;
			set = { ...set, ...edit };
			changed.add(row.line);
		} catch (err) {
			throw new RowError(row.line, toFaults(err, "sku."));
		}
	return { set, changed };
}

async function addProduct(
	context: ProductsContext,
	ctx: Ctx<object>,
	group: ImportedGroup,
	dryRun: boolean
): Promise<RowOutcome[]> {
	const { productId: _productId, categoryIds, skus: rows, attributes, status = "draft", ...given } = group;
	const categoryId = categoryIds[0] ?? "";
	const { set } = mergeRows({ _id: ulid(), skus: [], skuCounter: 0, formerSkus: [] }, rows);
	const created = {
		...given,
		categoryId,
		attributes: mergeAttributes({}, attributes),
		skus: set.skus.map(({ code, name, price, marketPrice, weight, image, attributes: ofSku }) => ({
			code,
			name,
			price,
			marketPrice,
			weight,
			image,
			attributes: ofSku
		}))
	};
	checkMove(context, ctx, { status: "draft" }, status);
	if (dryRun) {
		const position = await fetchCategoryPosition(ctx, categoryId);
		await checkReferences(ctx, created);
		await checkDeclaredAttributes(ctx, { ...created, ...position, skus: set.skus });
		await checkPictures(ctx, created);
		return rows.map(({ line }) => toOutcome(line, "created", null));
	}
	const product = await createProduct(context, ctx, created);
	const { _id } = product;
	const faults = await tryMove(context, ctx, product, status);
	return rows.map(({ line }) => toOutcome(line, faults.length ? "failed" : "created", _id, faults));
}

async function changeProduct(
	context: ProductsContext,
	ctx: Ctx<object>,
	before: Product,
	group: ImportedGroup,
	dryRun: boolean
): Promise<RowOutcome[]> {
	const { categoryIds, skus: rows, status = before.status } = group;
	const categoryId = categoryIds.includes(before.categoryId) ? before.categoryId : (categoryIds[0] ?? "");
	let changed: ReadonlySet<number> = new Set();
	let hasNewContent = false;
	const decide = async (product: Product): Promise<ProductEdit> => {
		const position =
			categoryId === product.categoryId
				? {}
				: { categoryId, ...(await fetchCategoryPosition(ctx, categoryId)) };
		const content = planContent(product, group, position);
		const merged = mergeRows(product, rows);
		changed = merged.changed;
		hasNewContent = Object.keys(content).length > 0;
		const { skus, skuCounter, formerSkus } = merged.set;
		const edit = { ...content, ...(changed.size > 0 && { skus, skuCounter, formerSkus }) };
		if (changed.size > 0 || hasNewContent) await checkAttributesOfRows(ctx, product, edit, rows);
		return edit;
	};
	const edit = await decide(before);
	checkMove(context, ctx, before, status);
	if (Object.keys(edit).length > 0 && dryRun) await checkPictures(ctx, edit);
	if (Object.keys(edit).length > 0 && !dryRun) {
		await claimPictures(ctx, before._id, edit);
		await followCategory(context, ctx, await editProduct(context, before._id, undefined, decide));
	}
	const moves = status !== before.status;
	const faults = moves && !dryRun ? await tryMove(context, ctx, before, status) : [];
	return rows.map(({ line }) => {
		if (faults.length) return toOutcome(line, "failed", before._id, faults);
		const isUpdated = moves || hasNewContent || changed.has(line);
		return toOutcome(line, isUpdated ? "updated" : "unchanged", before._id);
	});
}

/** `checkDeclaredAttributes`, whose faults of a SKU become those of its row. */
async function checkAttributesOfRows(
	ctx: Ctx<object>,
	before: Product,
	edit: ProductEdit,
	rows: readonly ImportedSku[]
): Promise<void> {
	const after = { ...before, ...edit };
	try {
		await checkDeclaredAttributes(ctx, after, { before });
	} catch (err) {
		for (const fault of toFaults(err, "")) {
			const [, index = "-1", field = ""] = /^skus\[(\d+)\]\.(.+)$/s.exec(fault.field ?? "") ?? [];
			const codeKey = after.skus[Number(index)]?.codeKey;
			const row = rows.find(({ code }) => fold(code) === codeKey);
			if (row) throw new RowError(row.line, [{ ...fault, field: `sku.${field}` }]);
		}
		throw err;
	}
}

const STATUS_FAULT: Fault = { field: "status", code: "INVALID_STATE", type: null, expected: null };

/** Refuses a move that is not allowed, before anything of the product is written. */
function checkMove(
	context: ProductsContext,
	ctx: Ctx<object>,
	product: Pick<Product, "status" | "submittedBy">,
	status: Product["status"]
): void {
	if (status !== product.status && !canMoveStatus(context, product, status, ctx.meta.user?.id))
		throw invalidState("The product is not in a state for this", {
			state: product.status,
			allowed: []
		});
}

/** Moves the product to the status; resolves with the fault where another change came between and it is not allowed now. */
async function tryMove(
	context: ProductsContext,
	ctx: Ctx<object>,
	product: Product,
	status: Product["status"]
): Promise<Fault[]> {
	if (status === product.status) return [];
	try {
		await moveStatus(context, product, status, ctx.meta.user?.id);
		return [];
	} catch (err) {
		if (codeOf(err) !== "INVALID_STATE") throw err;
		return [STATUS_FAULT];
	}
}

const codeOf = (err: unknown): string | null =>
	err instanceof Error && "type" in err && typeof err.type === "string" ? err.type : null;

/** The faults of an error by line: of the row that it names, else of every row. Throws an error that is no refusal. */
function assignFaults(err: unknown, rows: readonly ImportedSku[]): Map<number, Fault[]> {
	if (err instanceof RowError) return new Map([[err.line, [...err.faults]]]);
	const faults = toFaults(err, "");
	const found = new Map<number, Fault[]>();
	for (const fault of faults) {
		const [, index, field] = /^skus\[(\d+)\]\.(.+)$/s.exec(fault.field ?? "") ?? [];
		const ofSku = index !== undefined && rows.length > 0;
		const lines = ofSku
			? [rows[Number(index)]?.line ?? rows.at(-1)?.line ?? 0]
			: rows.map(row => row.line);
		for (const line of lines) {
			const named = ofSku ? { ...fault, field: `sku.${field ?? ""}` } : fault;
			found.set(line, [...(found.get(line) ?? []), named]);
		}
	}
	return found;
}

/** Errors whose cause is not in the rows: the whole import stops, and can be sent again. */
const TEMPORARY = new Set(["SERVICE_UNAVAILABLE", "REQUEST_TIMEOUT", "INTERNAL_ERROR"]);

function toFaults(err: unknown, prefix: string): Fault[] {
	const code = codeOf(err);
	if (code === null || TEMPORARY.has(code)) throw err;
	const { data } = err as { data?: unknown };
	const base = { code, type: null, expected: null };
	if (Array.isArray(data))
		return (data as FieldFault[]).map(({ field, type, expected = null }) => ({
			field: prefix + field,
			code,
			type,
			expected
		}));
	const field = Object(data) as { field?: string };
	const named = field.field ?? (code === "INVALID_STATE" ? "status" : null);
	const ofCode = code === "DUPLICATE" && named !== null && !prefix ? `sku.${named}` : null;
	return [{ ...base, field: ofCode ?? (named === null ? null : prefix + named) }];
}
