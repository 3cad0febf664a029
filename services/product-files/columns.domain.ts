import { invalidFields, type FieldFault } from "../../schemas/errors/errors";
import { MAX_ATTRIBUTES } from "../../schemas/products.inputs";
import type { ImportedGroup, ImportedSku } from "../../schemas/products.imports";
import { parseYuan, splitList, unescapeCell } from "./cells.domain";

/** Columns of a product, the same in all its rows. */
export const PRODUCT_COLUMNS = [
	"product",
	"subtitle",
	"category",
	"brand",
	"description",
	"images",
	"tags",
	"status"
] as const;
export const SKU_COLUMNS = ["skuCode", "sku", "price", "marketPrice", "weight", "image"] as const;
type Fixed = (typeof PRODUCT_COLUMNS)[number] | (typeof SKU_COLUMNS)[number];
const REQUIRED: readonly Fixed[] = ["product", "category", "skuCode", "price"];
const FIXED = new Set<string>([...PRODUCT_COLUMNS, ...SKU_COLUMNS]);
const ATTRIBUTE = /^(spec|sale):(.{1,64})$/su;
/** Most columns of a file: an export of more attributes is refused, so that every export can be imported. */
const MAX_COLUMNS = 3_000;
export const MAX_ATTRIBUTE_COLUMNS = MAX_COLUMNS - FIXED.size;

/** The columns of a file in their order. */
export type Columns = readonly string[];

/** Refuses a header with a column that is unknown, given twice, or missing. */
export function checkHeader(cells: readonly string[]): Columns {
	if (cells.length > MAX_COLUMNS)
		throw invalidFields([{ field: "file", type: "arrayMax", expected: MAX_COLUMNS }]);
	const columns = cells.map(cell => unescapeCell(cell.trim()));
	const faults: FieldFault[] = columns.flatMap((column, i): FieldFault[] => {
		const field = column || `column ${i + 1}`;
		if (!FIXED.has(column) && !ATTRIBUTE.test(column)) return [{ field, type: "unknown" }];
		return columns.indexOf(column) < i ? [{ field, type: "repeated" }] : [];
	});
	for (const column of REQUIRED)
		if (!columns.includes(column)) faults.push({ field: column, type: "required" });
	if (faults.length) throw invalidFields(faults);
	return columns;
}

/** Why a row can't be imported. */
export type CellFault = {
	readonly column: string | null;
	readonly type: string;
	readonly expected?: unknown;
};

/** A row, its cells as texts, before names are looked up. */
export type Row = {
	readonly line: number;
	/** The path of the category's names, `手机/智能手机`. */
	readonly category: string;
	/** Null: the product has none. Undefined: the file has no such column. */
	readonly brand: string | null | undefined;
	readonly tags: readonly string[] | undefined;
	readonly product: Omit<ImportedGroup, "productId" | "categoryIds" | "brandId" | "tagIds" | "skus">;
	readonly sku: ImportedSku;
	/** The cells of the product's columns, to compare with other rows of it. */
	readonly productCells: readonly string[];
	readonly faults: readonly CellFault[];
};

/** The name of the product of a row, before it is checked. */
export const readName = (columns: Columns, cells: readonly string[]): string =>
	unescapeCell(cells[columns.indexOf("product")] ?? "");

/** Whether the cells of a column must be the same in all rows of a product. */
const isOfProduct = (column: string): boolean =>
	column.startsWith("spec:") || PRODUCT_COLUMNS.some(fixed => fixed === column);
export const listProductColumns = (columns: Columns): string[] => columns.filter(isOfProduct);

/** Reads a row. What is no number, or lacks, is a fault; the other rules are those of products. */
export function readRow(columns: Columns, raw: readonly string[], line: number): Row {
	const cells = raw.map(unescapeCell);
	const faults: CellFault[] = [];
	const at = (column: Fixed): string | undefined => {
		const i = columns.indexOf(column);
		return i < 0 ? undefined : (cells[i] ?? "");
	};
	const textOrNull = (column: Fixed): string | null | undefined => {
		const cell = at(column);
		return cell === "" ? null : cell;
	};
	const money = (column: "price" | "marketPrice"): number | null | undefined => {
		const cell = textOrNull(column);
		if (typeof cell !== "string") return cell;
		const fen = parseYuan(cell);
		if (fen === null) faults.push({ column, type: "yuan" });
		return fen ?? 0;
	};
	const isWhole = cells.length === columns.length;
	if (!isWhole) faults.push({ column: null, type: "cells", expected: columns.length });
	for (const column of isWhole ? REQUIRED : [])
		if (at(column)?.trim() === "") faults.push({ column, type: "required" });
	const attributes = (kind: "spec" | "sale") => {
		const found = columns.flatMap((column, i): [string, string | null][] =>
			column.startsWith(`${kind}:`) ? [[column.slice(kind.length + 1), cells[i] || null]] : []
		);
		const max = MAX_ATTRIBUTES[kind];
		if (found.filter(([, value]) => value !== null).length > max)
			faults.push({ column: null, type: "recordMax", expected: max });
		return Object.fromEntries(found);
	};
	const images = at("images");
	const tags = at("tags");
	const status = at("status");
	const grams = textOrNull("weight")?.trim();
	const isWeight = grams === undefined || /^\d{1,9}$/.test(grams);
	if (!isWeight) faults.push({ column: "weight", type: "number" });
	return {
		line,
		category: at("category") ?? "",
		brand: textOrNull("brand"),
		tags: tags === undefined ? undefined : splitList(tags),
		product: {
			name: at("product") ?? "",
			...given("subtitle", textOrNull("subtitle")),
			...given("description", textOrNull("description")),
			...given("images", images === undefined ? undefined : splitList(images).map(url => url.trim())),
			...(status && { status: status as never }),
			attributes: attributes("spec")
		},
		sku: {
			line,
			code: at("skuCode") ?? "",
			price: money("price") ?? 0,
			...given("name", textOrNull("sku")),
			...given("marketPrice", money("marketPrice")),
			...given(
				"weight",
				at("weight") === undefined ? undefined : isWeight && grams ? Number(grams) : null
			),
			...given("image", textOrNull("image")),
			attributes: attributes("sale")
		},
		productCells: columns.flatMap((column, i) => (isOfProduct(column) ? [cells[i] ?? ""] : [])),
		faults
	};
}

/** The field, unless the file has no column for it. */
const given = <K extends string, V>(name: K, value: V | undefined) =>
	(value === undefined ? {} : { [name]: value }) as { readonly [P in K]?: V };

/** The column of a field that the rules of products refuse, such as `skus[0].attributes.颜色`. */
export function columnOf(field: string): string | null {
	const plain = field.replace(/^skus?(\[\d+\])?\./, "sku.");
	const [, ofSku, name = ""] = /^(sku\.)?attributes\.(.+)$/s.exec(plain) ?? [];
	if (name) return `${ofSku === undefined ? "spec" : "sale"}:${name}`;
	const columns: Readonly<Record<string, string | null>> = {
		name: "product",
		"sku.name": "sku",
		"sku.code": "skuCode",
		code: "skuCode",
		categoryId: "category",
		brandId: "brand",
		tagIds: "tags",
		"sku.attributes": null
	};
	const base = plain.replace(/\[\d+\].*$/s, "");
	return base in columns ? (columns[base] ?? null) : base.replace("sku.", "");
}
