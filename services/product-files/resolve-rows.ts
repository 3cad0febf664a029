import { createHash } from "node:crypto";
import type { Ctx } from "../../schemas/kit/service";
import { newValidator } from "../../schemas/kit/validator";
import { importedContentRule, importedSkuRule, type ImportedGroup } from "../../schemas/products.imports";
import { call } from "../../schemas/registry";
import { fold } from "../../schemas/values/text";
import {
	columnOf,
	listProductColumns,
	readRow,
	type CellFault,
	type Columns,
	type Row
} from "./columns.domain";
import type { CsvRecord } from "./read-file";

/** A fault of a row, with the code that the client sees. */
export type Fault = CellFault & { readonly code: string };
export type Group = ImportedGroup & { readonly key: string };
type Resolved = { readonly groups: Group[]; readonly faults: Map<number, Fault[]> };

const validator = newValidator();
const checkContent = validator.compile({ $$root: true, ...importedContentRule });
const checkSku = validator.compile({ $$root: true, ...importedSkuRule });

/** Most SKUs of one group; more rows of the product make another one. */
const MAX_SKUS = 100;

/**
 * Turns the rows of one file into groups, each the rows of one product. Remembers of each product checksums of its first
 * row, so that the memory for 100,000 rows is bounded.
 */
export class RowResolver {
	private readonly productColumns: readonly string[];
	private readonly codes = new Set<string>();
	/** Of the first row of each product, a checksum of each column; by product id, or by name and category. */
	private readonly firstRowChecksums = new Map<string, Uint32Array>();
	/** Products that rows of a name and category belong to. */
	private readonly productIds = new Map<string, string>();
	/** Products into which their first row has been imported. */
	private readonly imported = new Set<string>();
	private readonly brandIds = new Map<string, string | null>();
	private readonly tagIds = new Map<string, string | null>();

	private constructor(
		private readonly columns: Columns,
		private readonly categories: ReadonlyMap<string, readonly string[]>
	) {
		this.productColumns = listProductColumns(columns);
	}

	static async open(ctx: Ctx<unknown>, columns: Columns): Promise<RowResolver> {
		const categories = new Map<string, string[]>();
		for (const { id, path } of await call(ctx, "categories.names", {}))
			categories.set(path, [...(categories.get(path) ?? []), id]);
		return new RowResolver(columns, categories);
	}

	/** Notes that a group was imported: later rows of the product add SKUs, and their empty cells take nothing away. */
	noteImported(key: string, productId: string): void {
		this.remember(key, productId);
		this.imported.add(productId);
	}

	/** Notes to which product a group belongs, once that is known. */
	private remember(key: string, productId: string): void {
		if (!this.productIds.has(key)) this.productIds.set(key, productId);
		const first = this.firstRowChecksums.get(key);
		if (first && !this.firstRowChecksums.has(productId)) this.firstRowChecksums.set(productId, first);
	}

	async resolve(ctx: Ctx<unknown>, records: readonly CsvRecord[]): Promise<Resolved> {
		const rows = records.map(({ cells, line }) => readRow(this.columns, cells, line));
		const faults = new Map<number, Fault[]>();
		for (const row of rows) {
			const found = this.findFaults(row);
			if (found.length) faults.set(row.line, found);
		}
		const good = rows.filter(({ line }) => !faults.has(line));
		const productOf = await this.findProducts(ctx, good);
		await this.lookUp(ctx, good);
		const groups = new Map<string, Group & { skus: Row["sku"][] }>();
		for (const row of good) {
			const known = productOf.get(fold(row.sku.code));
			if (known !== undefined) this.remember(keyOf(row), known);
		}
		for (const row of good) {
			const key = keyOf(row);
			const productId = productOf.get(fold(row.sku.code)) ?? this.productIds.get(key) ?? null;
			const unknown = this.findUnknown(row, productId);
			const found = unknown.length ? unknown : this.findContradictions(row, productId ?? key);
			if (found.length) {
				faults.set(row.line, found);
				continue;
			}
			const group = groups.get(productId ?? key);
			if (group && group.skus.length < MAX_SKUS) group.skus.push(row.sku);
			else
				groups.set(
					groups.has(productId ?? key) ? `${row.line}` : (productId ?? key),
					this.toGroup(row, key, productId)
				);
		}
		return { groups: [...groups.values()], faults };
	}

	private findFaults(row: Row): Fault[] {
		const found: Fault[] = row.faults.map(fault => ({ ...fault, code: "VALIDATION_ERROR" }));
		if (!found.length)
			found.push(...broken(checkContent(row.product), ""), ...broken(checkSku(row.sku), "sku."));
		const code = hash(fold(row.sku.code));
		if (this.codes.has(code)) found.push({ column: "skuCode", type: "repeated", code: "DUPLICATE" });
		this.codes.add(code);
		return found;
	}

	private async findProducts(ctx: Ctx<unknown>, rows: readonly Row[]): Promise<Map<string, string>> {
		const codes = rows.map(({ sku }) => sku.code);
		const known = codes.length ? await call(ctx, "products.codes", { codes }) : [];
		return new Map(known.map(({ code, productId }) => [fold(code), productId]));
	}

	/** Looks up the brands and tags that no row has named before. */
	private async lookUp(ctx: Ctx<unknown>, rows: readonly Row[]): Promise<void> {
		const brands = rows.flatMap(({ brand }) => (typeof brand === "string" ? [brand] : []));
		const tags = rows.flatMap(row => row.tags ?? []);
		for (const [kind, names, known] of [
			["brands.names", brands, this.brandIds],
			["tags.names", tags, this.tagIds]
		] as const) {
			const keys = [...new Set(names.map(fold))].filter(key => !known.has(key));
			for (const key of keys) known.set(key, null);
			for (let from = 0; from < keys.length; from += 500)
				for (const { id, name } of await call(ctx, kind, { names: keys.slice(from, from + 500) }))
					known.set(fold(name), id);
		}
	}

	private findUnknown({ category, brand, tags = [] }: Row, productId: string | null): Fault[] {
		const found: Fault[] = [];
		const lacks = (column: string, type: string) => found.push({ column, type, code: "NOT_FOUND" });
		const categoryIds = this.categories.get(category);
		if (!categoryIds) lacks("category", "noCategory");
		else if (categoryIds.length > 1 && productId === null) lacks("category", "ambiguous");
		if (typeof brand === "string" && !this.brandIds.get(fold(brand))) lacks("brand", "noBrand");
		if (tags.some(tag => !this.tagIds.get(fold(tag)))) lacks("tags", "noTag");
		return found;
	}

	/** A later row of a product may leave cells empty; the others must equal those of the first row. */
	private findContradictions({ productCells }: Row, product: string): Fault[] {
		const checksums = Uint32Array.from(productCells, cell => (cell === "" ? 0 : checksum(cell)));
		const first = this.firstRowChecksums.get(product);
		if (!first) this.firstRowChecksums.set(product, checksums);
		return this.productColumns.flatMap((column, i) =>
			first && checksums[i] !== 0 && checksums[i] !== first[i]
				? [{ column, type: "contradicts", code: "VALIDATION_ERROR" }]
				: []
		);
	}

	private toGroup(row: Row, key: string, productId: string | null): Group & { skus: Row["sku"][] } {
		const { brand, tags, category } = row;
		const categoryIds = this.categories.get(category) ?? [];
		if (productId !== null && this.imported.has(productId))
			return { name: row.product.name, attributes: {}, key, productId, categoryIds, skus: [row.sku] };
		return {
			...row.product,
			key,
			productId,
			categoryIds,
			...(brand !== undefined && {
				brandId: brand === null ? null : (this.brandIds.get(fold(brand)) ?? null)
			}),
			...(tags !== undefined && {
				tagIds: [...new Set(tags.map(tag => this.tagIds.get(fold(tag)) ?? ""))]
			}),
			skus: [row.sku]
		};
	}
}

const keyOf = ({ product, category }: Row): string => hash(product.name, category);

type Broken =
	true | readonly { readonly field: string; readonly type: string; readonly expected?: unknown }[];

const broken = (result: unknown, prefix: string): Fault[] =>
	result === true
		? []
		: (result as Exclude<Broken, true>).map(({ field, type, expected }) => ({
				column: columnOf(prefix + field),
				type,
				expected,
				code: "VALIDATION_ERROR"
			}));

const hash = (...texts: readonly string[]): string =>
	createHash("sha1").update(texts.join("\0")).digest("base64url");

/** FNV-1a over UTF-16 units; never 0, which stands for an empty cell. */
function checksum(text: string): number {
	let sum = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193);
	return sum >>> 0 || 1;
}
