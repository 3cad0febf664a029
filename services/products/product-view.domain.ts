import { CURRENCY } from "../../schemas/values/money";
import type {
	AdminProduct,
	AdminProductCard,
	ProductCard,
	ProductDetail,
	ProductOffers,
	SkuForSale,
	SkuView
} from "../../schemas/products.views";
import type { ExportedProduct } from "../../schemas/products.imports";
import type { StockLevel } from "../../schemas/values/stock-level";
import type { Product } from "./product.domain";
import type { Sku } from "./sku.domain";

/** Tells the stock level of a SKU. */
export type LevelOf = (sku: Sku) => StockLevel;

/** The card without the offers of `promotions`. */
export const card = (product: Product): Omit<ProductCard, keyof ProductOffers> => ({
	id: product._id,
	name: product.name,
	subtitle: product.subtitle,
	image: imageOf(product),
	price: product.lowestPrice,
	marketPrice: product.marketPrice,
	currency: CURRENCY,
	brandId: product.brandId,
	categoryId: product.categoryId,
	sales: product.sales,
	rating: product.rating,
	reviews: product.reviews ?? 0,
	inStock: product.inStock
});

export const adminCard = (product: Product): AdminProductCard => ({
	...card(product),
	status: product.status,
	version: product.version,
	skuCount: product.skus.length,
	createdAt: product.createdAt.toISOString(),
	updatedAt: product.updatedAt.toISOString()
});

export function detail(product: Product, levelOf: LevelOf, offers: ProductOffers): ProductDetail {
	const skus = product.skus.map(each => sku(each, levelOf));
	return {
		...card(product),
		...offers,
		inStock: skus.some(({ stock }) => stock !== "out"),
		description: product.description,
		images: product.images,
		status: product.status,
		attributes: product.attributes,
		tagIds: product.tagIds,
		skus
	};
}

export const adminDetail = (product: Product, levelOf: LevelOf, offers: ProductOffers): AdminProduct => ({
	...detail(product, levelOf, offers),
	version: product.version,
	shippingRuleId: product.shippingRuleId ?? null,
	reason: product.reason,
	schedule: product.schedule ? { to: product.schedule.to, at: product.schedule.at.toISOString() } : null,
	createdAt: product.createdAt.toISOString(),
	updatedAt: product.updatedAt.toISOString()
});

export const sku = (stored: Sku, levelOf: LevelOf): SkuView => ({
	id: stored.id,
	code: stored.code,
	name: stored.name,
	price: stored.price,
	marketPrice: stored.marketPrice,
	image: stored.image,
	attributes: stored.attributes,
	limitPerUser: stored.limitPerUser ?? null,
	weight: stored.weight ?? null,
	stock: levelOf(stored)
});

export const exported = (product: Product): ExportedProduct => ({
	id: product._id,
	name: product.name,
	subtitle: product.subtitle,
	categoryId: product.categoryId,
	brandId: product.brandId,
	description: product.description,
	images: product.images,
	attributes: product.attributes,
	tagIds: product.tagIds,
	status: product.status,
	skus: product.skus.map(({ code, name, price, marketPrice, weight = null, image, attributes }) => ({
		code,
		name,
		price,
		marketPrice,
		weight,
		image,
		attributes
	}))
});

/** Names of the attributes of these products, and of their SKUs. */
export function attributeNames(products: readonly Product[]): { spec: string[]; sale: string[] } {
	const spec = new Set(products.flatMap(({ attributes }) => Object.keys(attributes)));
	const sale = new Set(products.flatMap(({ skus }) => skus.flatMap(each => Object.keys(each.attributes))));
	return { spec: [...spec], sale: [...sale] };
}

/**
 * A removed SKU can still be named, but is never on the shelf; undefined for one that never existed. `generalLimit` is the
 * purchase limit of a SKU without one of its own; null for none.
 */
export function skuForSale(
	product: Product,
	skuId: string,
	generalLimit: number | null
): SkuForSale | undefined {
	const current = product.skus.find(({ id }) => id === skuId);
	const found = current ?? product.formerSkus.find(({ id }) => id === skuId);
	return (
		found && {
			skuId,
			productId: product._id,
			code: found.code,
			name: found.name === null ? product.name : `${product.name} ${found.name}`,
			image: found.image ?? imageOf(product),
			attributes: found.attributes,
			price: found.price,
			currency: CURRENCY,
			limitPerUser: found.limitPerUser ?? generalLimit,
			onShelf: current !== undefined && product.status === "on_shelf",
			categoryIds: product.categoryPath,
			brandId: product.brandId,
			weight: found.weight ?? 0,
			shippingRuleId: product.shippingRuleId ?? null
		}
	);
}

const imageOf = ({ images, skus }: Product) =>
	images[0] ?? skus.find(sku => sku.image !== null)?.image ?? null;
