import * as r from "./kit/rules";
import { promotionType } from "./promotions.contract";
import { stockLevel } from "./values/stock-level";

export const productStatus = r.oneOf("draft", "pending", "approved", "rejected", "on_shelf", "off_shelf");
export type ProductStatus = r.TypeOf<typeof productStatus>;

/**
 * Units that one user may have in all orders that are not cancelled or refunded; null: no limit. A list of `skus` that
 * leaves the limit out removes it.
 */
export const limitPerUser = () => r.orNull(r.int({ min: 1, max: 999 }));

/** Grams of one unit. */
export const weight = () => r.int({ min: 0, max: 1_000_000 });

/** A SKU as carts and orders need it. */
export const skuForSale = r.obj({
	skuId: r.id(),
	productId: r.id(),
	code: r.str(),
	/** The product's name, with the SKU's own where it has one. */
	name: r.str(),
	image: r.orNull(r.text()),
	attributes: r.record(r.str()),
	price: r.fen(),
	currency: r.currency(),
	onShelf: r.bool(),
	limitPerUser: limitPerUser(),
	/** The product's category and all above it. */
	categoryIds: r.list(r.id()),
	brandId: r.orNull(r.id()),
	/** Grams of one unit; 0 where nobody weighed it. */
	weight: r.int({ min: 0 }),
	shippingRuleId: r.orNull(r.id())
});
export type SkuForSale = r.TypeOf<typeof skuForSale>;

const card = {
	id: r.id(),
	name: r.str(),
	subtitle: r.orNull(r.text()),
	image: r.orNull(r.str()),
	/** Of the cheapest SKU. */
	price: r.fen(),
	marketPrice: r.orNull(r.fen()),
	currency: r.currency(),
	brandId: r.orNull(r.id()),
	categoryId: r.id(),
	sales: r.int({ min: 0 }),
	/** Mean of the ratings, to two decimals; 0 without reviews. */
	rating: r.num({ min: 0, max: 5 }),
	/** Number of visible reviews. */
	reviews: r.int({ min: 0 }),
	inStock: r.bool()
};
const offers = {
	/** Lowest unit price of its SKUs with the promotions that are for everybody; null where that is `price`. */
	promotionPrice: r.orNull(r.fen()),
	/** Promotions that run for any of its SKUs. */
	promotions: r.list(r.obj({ id: r.id(), type: promotionType, label: r.str() }))
};
export type ProductOffers = r.FieldsOf<typeof offers>;
export type ProductCard = r.TypeOf<ReturnType<typeof cardRule>>;
export const cardFields = { ...card, ...offers };
export const cardRule = () => r.obj("ProductCard", { ...card, ...offers });

const sku = {
	id: r.id(),
	code: r.str(),
	name: r.orNull(r.str()),
	price: r.fen(),
	marketPrice: r.orNull(r.fen()),
	image: r.orNull(r.str()),
	attributes: r.record(r.str()),
	limitPerUser: limitPerUser(),
	/** Grams of one unit; null where nobody weighed it. */
	weight: r.orNull(weight()),
	stock: stockLevel
};
export type SkuView = r.TypeOf<ReturnType<typeof skuRule>>;
const skuRule = () => r.obj("Sku", sku);
export const adminSku = r.obj("StaffSku", { ...sku, productId: r.id(), version: r.int() });
export type AdminSku = r.TypeOf<typeof adminSku>;

const detail = {
	...card,
	...offers,
	description: r.orNull(r.text()),
	images: r.list(r.str()),
	status: productStatus,
	attributes: r.record(r.str()),
	tagIds: r.list(r.id()),
	skus: r.list(skuRule())
};
export const detailRule = () => r.obj("Product", detail);
export type ProductDetail = r.TypeOf<ReturnType<typeof detailRule>>;

export const adminProduct = r.obj("StaffProduct", {
	...detail,
	version: r.int({ min: 1 }),
	/** The rule of the freight; null: the default one. */
	shippingRuleId: r.orNull(r.id()),
	/** Why staff rejected the product. */
	reason: r.orNull(r.text()),
	schedule: r.orNull(r.obj({ to: r.oneOf("on_shelf", "off_shelf"), at: r.time() })),
	createdAt: r.time(),
	updatedAt: r.time()
});
export type AdminProduct = r.TypeOf<typeof adminProduct>;
export const adminProductCard = r.obj("StaffProductCard", {
	...card,
	status: productStatus,
	version: r.int({ min: 1 }),
	skuCount: r.int({ min: 0 }),
	createdAt: r.time(),
	updatedAt: r.time()
});
export type AdminProductCard = r.TypeOf<typeof adminProductCard>;
