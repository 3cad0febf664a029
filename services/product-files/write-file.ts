import { setImmediate as yieldToOthers } from "node:timers/promises";
import { invalid } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import type { ExportedProduct } from "../../schemas/products.imports";
import type { ProductStatus } from "../../schemas/products.views";
import { call } from "../../schemas/registry";
import { escapeCell, formatYuan, joinList } from "./cells.domain";
import { MAX_ATTRIBUTE_COLUMNS, PRODUCT_COLUMNS, SKU_COLUMNS } from "./columns.domain";

export type Filters = {
	readonly q?: string | undefined;
	readonly categoryId?: string | undefined;
	readonly brandId?: string | undefined;
	readonly status?: ProductStatus | undefined;
};
/** Where an export goes on: the names of its attributes, and the product after which. */
type State = { readonly spec: readonly string[]; readonly sale: readonly string[]; readonly cursor?: string };
export type Piece = { readonly text: string; readonly state: string | null };

const PRODUCTS_PER_PIECE = 25;
/** Tells spreadsheets that the text is UTF-8. */
const BYTE_ORDER_MARK = "\ufeff";

/** The next piece of the file; the first one has the header. */
export async function writePiece(
	ctx: Ctx<unknown>,
	filters: Filters,
	state: string | undefined
): Promise<Piece> {
	if (state !== undefined) return writeRows(ctx, filters, JSON.parse(state) as State);
	const names = await collectAttributes(ctx, filters);
	const header = [
		...PRODUCT_COLUMNS,
		...SKU_COLUMNS,
		...names.spec.map(name => `spec:${name}`),
		...names.sale.map(name => `sale:${name}`)
	];
	return { text: BYTE_ORDER_MARK + (await toCsv([header])), state: JSON.stringify(names) };
}

/** Names of all attributes of the products, so that each has a column; refuses more than an import takes. */
async function collectAttributes(ctx: Ctx<unknown>, filters: Filters): Promise<State> {
	const [spec, sale] = [new Set<string>(), new Set<string>()];
	let cursor: string | null = null;
	do {
		const page: { spec: readonly string[]; sale: readonly string[]; nextCursor: string | null } =
			await call(ctx, "products.attributeNames", { ...filters, ...(cursor !== null && { cursor }) });
		for (const name of page.spec) spec.add(name);
		for (const name of page.sale) sale.add(name);
		if (spec.size + sale.size > MAX_ATTRIBUTE_COLUMNS)
			throw invalid("categoryId", "attributeColumnsMax", MAX_ATTRIBUTE_COLUMNS);
		cursor = page.nextCursor;
		await yieldToOthers(); // reads of the SQLite file alone would hold the event loop
	} while (cursor !== null);
	return { spec: [...spec].sort(), sale: [...sale].sort() };
}

async function writeRows(ctx: Ctx<unknown>, filters: Filters, state: State): Promise<Piece> {
	const { products, nextCursor } = await call(ctx, "products.exportRows", {
		...filters,
		...(state.cursor !== undefined && { cursor: state.cursor }),
		limit: PRODUCTS_PER_PIECE
	});
	const brandIds = [...new Set(products.flatMap(({ brandId }) => brandId ?? []))];
	const tagIds = [...new Set(products.flatMap(product => product.tagIds))];
	const [categories, brands, tags] = await Promise.all([
		call(ctx, "categories.names", {}),
		brandIds.length ? call(ctx, "brands.names", { ids: brandIds }) : [],
		readTags(ctx, tagIds)
	]);
	const names = {
		categories: new Map(categories.map(({ id, path }) => [id, path])),
		brands: new Map(brands.map(({ id, name }) => [id, name])),
		tags
	};
	const rows = products.flatMap(product => toRows(product, names, state));
	const next =
		nextCursor === null ? null : JSON.stringify({ ...state, cursor: nextCursor } satisfies State);
	return { text: rows.length ? await toCsv(rows) : "", state: next };
}

async function readTags(ctx: Ctx<unknown>, ids: readonly string[]): Promise<Map<string, string>> {
	const names = new Map<string, string>();
	for (let from = 0; from < ids.length; from += 500)
		for (const { id, name } of await call(ctx, "tags.names", { ids: ids.slice(from, from + 500) }))
			names.set(id, name);
	return names;
}

type Names = { readonly [K in "categories" | "brands" | "tags"]: ReadonlyMap<string, string> };

function toRows(product: ExportedProduct, names: Names, { spec, sale }: State): string[][] {
	const { attributes } = product;
	const ofProduct = [
		product.name,
		product.subtitle ?? "",
		names.categories.get(product.categoryId) ?? "",
		product.brandId === null ? "" : (names.brands.get(product.brandId) ?? ""),
		product.description ?? "",
		joinList(product.images),
		joinList(product.tagIds.flatMap(id => names.tags.get(id) ?? [])),
		product.status
	];
	return product.skus.map(sku => [
		...ofProduct,
		sku.code,
		sku.name ?? "",
		formatYuan(sku.price),
		sku.marketPrice === null ? "" : formatYuan(sku.marketPrice),
		sku.weight === null ? "" : String(sku.weight),
		sku.image ?? "",
		...spec.map(name => attributes[name] ?? ""),
		...sale.map(name => sku.attributes[name] ?? "")
	]);
}

async function toCsv(rows: readonly (readonly string[])[]): Promise<string> {
	const { stringify } = await import("csv-stringify/sync");
	return stringify(
		rows.map(row => row.map(escapeCell)),
		{ record_delimiter: "windows", quoted_match: /[\r\n]|^\s|\s$/ }
	);
}
