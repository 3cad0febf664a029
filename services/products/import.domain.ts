import type { ImportedGroup, ImportedSku } from "../../schemas/products.imports";
import { fold } from "../../schemas/values/text";
import type { Product, ProductEdit } from "./product.domain";
import { addSku, patchSku, type Attributes, type SkuEdit, type SkuSet } from "./sku.domain";

type NullableAttributes = Readonly<Record<string, string | null>>;

/** Attributes with those of a row: a null takes one away, what the row does not name stays. */
export const mergeAttributes = (stored: Attributes, given: NullableAttributes): Attributes =>
	Object.fromEntries(
		Object.entries({ ...stored, ...given }).filter(
			(entry): entry is [string, string] => entry[1] !== null
		)
	);

/** An empty text says as little as none, and a field that documents of earlier versions lack is none too. */
const emptyToNull = (value: unknown): unknown => (value === "" ? null : (value ?? null));
const isSame = (a: unknown, b: unknown): boolean =>
	emptyToNull(a) === emptyToNull(b) || JSON.stringify(a) === JSON.stringify(b);

const sameAttributes = (a: Attributes, b: Attributes): boolean =>
	Object.keys(a).length === Object.keys(b).length &&
	Object.entries(a).every(([name, value]) => b[name] === value);

/** The fields of the product that the rows change; `position` is that of another category. */
export function planContent(
	product: Product,
	{ name, subtitle, description, images, tagIds, brandId, attributes }: ImportedGroup,
	position: Partial<Pick<Product, "categoryId" | "categoryPath" | "hidden">>
): ProductEdit {
	const given = { name, subtitle, description, images, tagIds, brandId };
	const changed = Object.entries(given).filter(
		([field, value]) => value !== undefined && !isSame(value, product[field as keyof Product])
	);
	const merged = mergeAttributes(product.attributes, attributes);
	return {
		...(Object.fromEntries(changed) as ProductEdit),
		...(sameAttributes(merged, product.attributes) ? {} : { attributes: merged }),
		...position
	};
}

/** The SKU set with a row, or null where the row changes nothing; refuses a row that no SKU can be made of. */
export function mergeSku<S extends SkuSet>(set: S, { line: _line, ...row }: ImportedSku): SkuEdit | null {
	const stored = set.skus.find(({ codeKey }) => codeKey === fold(row.code));
	if (!stored) return addSku(set, { ...row, attributes: mergeAttributes({}, row.attributes) });
	const attributes = mergeAttributes(stored.attributes, row.attributes);
	const { code: _code, attributes: _attributes, ...fields } = row;
	const isUnchanged =
		sameAttributes(attributes, stored.attributes) &&
		Object.entries(fields).every(
			([field, value]) => value === undefined || isSame(value, stored[field as keyof typeof stored])
		);
	return isUnchanged ? null : patchSku(set, stored.id, { ...fields, attributes });
}
