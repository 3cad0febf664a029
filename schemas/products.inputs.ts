import * as r from "./kit/rules";
import { code, line, optionalProse, url } from "./kit/text-rules";
import { limitPerUser, weight } from "./products.views";
import { linePattern } from "./values/text";

/** Attribute values by attribute name. */
const values = (max: number) => r.record(line({ max: 100 }), { keys: linePattern(), max });
/** Most attributes of a product, and of a SKU. */
export const MAX_ATTRIBUTES = { spec: 50, sale: 20 };
export const ofProduct = () => values(MAX_ATTRIBUTES.spec);
const ofSku = () => values(MAX_ATTRIBUTES.sale);

export const productName = () => line({ max: 120 });
export const newSku = {
	code: code({ max: 64 }),
	name: r.opt(r.orNull(line({ max: 120 }))),
	price: r.fen(),
	marketPrice: r.opt(r.orNull(r.fen())),
	image: r.opt(r.orNull(url())),
	/** Unique among the SKUs of a product, so that only one SKU may have none. */
	attributes: ofSku(),
	limitPerUser: r.opt(limitPerUser()),
	weight: r.opt(r.orNull(weight()))
};
const newSkuRule = () => r.obj("NewSku", newSku);
export type NewSku = r.TypeOf<ReturnType<typeof newSkuRule>>;
const skus = () => r.list(newSkuRule(), { min: 1, max: 100 });
export const productDetails = {
	subtitle: r.opt(r.orNull(optionalProse({ max: 200 }))),
	brandId: r.opt(r.orNull(r.id())),
	description: r.opt(r.orNull(optionalProse({ max: 50_000 }))),
	images: r.opt(r.list(url(), { max: 20 })),
	attributes: r.opt(ofProduct()),
	tagIds: r.opt(r.list(r.id(), { max: 20, unique: true })),
	/** The rule of the freight; null: the default one. */
	shippingRuleId: r.opt(r.orNull(r.id()))
};
export const newProduct = { name: productName(), categoryId: r.id(), ...productDetails, skus: skus() };
export type NewProduct = r.FieldsOf<typeof newProduct>;
export const productPatch = {
	name: r.opt(productName()),
	categoryId: r.opt(r.id()),
	...productDetails,
	skus: r.opt(skus())
};
export type ProductPatch = r.FieldsOf<typeof productPatch>;
export const skuPatch = {
	...newSku,
	code: r.opt(newSku.code),
	price: r.opt(r.fen()),
	attributes: r.opt(ofSku())
};
export type SkuPatch = r.FieldsOf<typeof skuPatch>;
