import * as r from "./kit/rules";
import { line, optionalProse, url } from "./kit/text-rules";
import { productDetails, productName, newSku, ofProduct } from "./products.inputs";
import { productStatus, weight } from "./products.views";
import { stockLevel } from "./values/stock-level";
import { linePattern } from "./values/text";

/** A product of the demo catalogue, on the shelf at once. */
export const importedProduct = r.obj({
	id: r.id(),
	name: productName(),
	subtitle: r.orNull(optionalProse({ max: 200 })),
	categoryId: r.id(),
	categoryPath: r.list(r.id(), { min: 1, max: 3 }),
	brandId: r.orNull(r.id()),
	description: r.orNull(optionalProse({ max: 50_000 })),
	images: r.list(url(), { max: 20 }),
	attributes: ofProduct(),
	tagIds: r.list(r.id(), { max: 20 }),
	sales: r.int({ min: 0 }),
	rating: r.num({ min: 0, max: 5 }),
	skus: r.list(r.obj({ ...newSku, stock: stockLevel }), { min: 1, max: 100 })
});
export type ImportedProduct = r.TypeOf<typeof importedProduct>;

/** A null stands for a column that is empty in this row; there are as many as the file has columns. */
const importedAttributes = () => r.record(r.orNull(line({ max: 100 })), { keys: linePattern(), max: 3_000 });
/** A row of an import. A field that is left out stays as it is; a null takes it away, in attributes too. */
const importedSku = {
	line: r.int({ min: 1 }),
	code: newSku.code,
	price: newSku.price,
	name: newSku.name,
	marketPrice: newSku.marketPrice,
	weight: newSku.weight,
	image: newSku.image,
	attributes: importedAttributes()
};
export const importedSkuRule = r.obj(importedSku);
export type ImportedSku = r.TypeOf<typeof importedSkuRule>;
/** What rows of one product say of it. */
const importedContent = {
	name: productName(),
	subtitle: productDetails.subtitle,
	description: productDetails.description,
	images: productDetails.images,
	attributes: importedAttributes(),
	status: r.opt(productStatus)
};
export const importedContentRule = r.obj(importedContent);
/** Rows of one product: that of `productId`, else one of this name in a category, else a new one. */
export const importedGroup = r.obj({
	productId: r.orNull(r.id()),
	/** Categories of that path, one unless names are given twice: the present one, if it is among them. */
	categoryIds: r.list(r.id(), { min: 1, max: 100 }),
	brandId: productDetails.brandId,
	tagIds: productDetails.tagIds,
	...importedContent,
	/** In a trial also the rows of the product that were tried before; one batch has at most 100 of either. */
	skus: r.list(importedSkuRule, { min: 1, max: 200 })
});
export type ImportedGroup = r.TypeOf<typeof importedGroup>;
export const rowOutcome = r.obj({
	line: r.int({ min: 1 }),
	outcome: r.oneOf("created", "updated", "unchanged", "failed"),
	/** The product of the row; null where it is none, or would have been made. */
	productId: r.orNull(r.id()),
	faults: r.list(
		r.obj({
			/** A field of the product, or of the SKU as `sku.<field>`. */
			field: r.orNull(r.str()),
			code: r.str(),
			type: r.orNull(r.str()),
			expected: r.any()
		})
	)
});
export type RowOutcome = r.TypeOf<typeof rowOutcome>;
/** A product as an export writes it. */
export const exportedProduct = r.obj({
	id: r.id(),
	name: r.str(),
	subtitle: r.orNull(r.text()),
	categoryId: r.id(),
	brandId: r.orNull(r.id()),
	description: r.orNull(r.text()),
	images: r.list(r.str()),
	attributes: r.record(r.str()),
	tagIds: r.list(r.id()),
	status: productStatus,
	skus: r.list(
		r.obj({
			code: r.str(),
			name: r.orNull(r.str()),
			price: r.fen(),
			marketPrice: r.orNull(r.fen()),
			/** In grams. */
			weight: r.orNull(weight()),
			image: r.orNull(r.str()),
			attributes: r.record(r.str())
		})
	)
});
export type ExportedProduct = r.TypeOf<typeof exportedProduct>;
