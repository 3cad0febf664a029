import { CURRENCY } from "../../schemas/money";
import type {
	AdminProduct,
	AdminProductCard,
	ProductCard,
	ProductDetail,
	SkuForSale,
	SkuView
} from "../../schemas/products.contract";
import type { StockLevel } from "../../schemas/stock-level";
import type { Product, Sku } from "./product.domain";

/** The level of a SKU at this moment. */
export type LevelOf = (sku: Sku) => StockLevel;

export const card = (product: Product): ProductCard => ({
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

export function detail(product: Product, levelOf: LevelOf): ProductDetail {
	const skus = product.skus.map(sku => skuView(sku, levelOf));
	return {
		...card(product),
		inStock: skus.some(sku => sku.stock !== "out"),
		description: product.description,
		images: product.images,
		status: product.status,
		attributes: product.attributes,
		tagIds: product.tagIds,
		skus
	};
}

export const adminDetail = (product: Product, levelOf: LevelOf): AdminProduct => ({
	...detail(product, levelOf),
	version: product.version,
	reason: product.reason,
	schedule: product.schedule ? { to: product.schedule.to, at: product.schedule.at.toISOString() } : null,
	createdAt: product.createdAt.toISOString(),
	updatedAt: product.updatedAt.toISOString()
});

export const skuView = (sku: Sku, levelOf: LevelOf): SkuView => ({
	id: sku.id,
	code: sku.code,
	name: sku.name,
	price: sku.price,
	marketPrice: sku.marketPrice,
	image: sku.image,
	attributes: sku.attributes,
	limitPerUser: sku.limitPerUser ?? null,
	stock: levelOf(sku)
});

/** Also of a SKU that was taken out: it can be named, not bought. */
export function forSale(product: Product, skuId: string): SkuForSale | undefined {
	const current = product.skus.find(({ id }) => id === skuId);
	const sku = current ?? product.formerSkus.find(({ id }) => id === skuId);
	return (
		sku && {
			skuId,
			productId: product._id,
			code: sku.code,
			name: sku.name === null ? product.name : `${product.name} ${sku.name}`,
			image: sku.image ?? imageOf(product),
			attributes: sku.attributes,
			price: sku.price,
			currency: CURRENCY,
			limitPerUser: sku.limitPerUser ?? null,
			onShelf: current !== undefined && product.status === "on_shelf",
			categoryIds: product.categoryPath,
			brandId: product.brandId
		}
	);
}

const imageOf = ({ images, skus }: Product) =>
	images[0] ?? skus.find(sku => sku.image !== null)?.image ?? null;
