import {
	action,
	bool,
	contract,
	currency,
	event,
	fen,
	id,
	int,
	list,
	obj,
	orNull,
	record,
	str,
	text,
	type TypeOf
} from "./kit";

/** What carts and orders need to know of a SKU. */
const skuForSale = obj({
	skuId: id(),
	productId: id(),
	/** The product's name, with the SKU's own where it has one. */
	name: str(),
	image: orNull(text()),
	attributes: record(str()),
	price: fen(),
	currency: currency(),
	onShelf: bool(),
	/** The product's category and all above it. */
	categoryIds: list(id()),
	brandId: orNull(id())
});
export type SkuForSale = TypeOf<typeof skuForSale>;

export const products = contract("products", {
	/** In the order asked; SKUs that do not exist are left out. */
	skus: action({ skuIds: list(id(), { max: 200 }) }, { repeatable: true }).returns(list(skuForSale)),
	prices: action({ skuIds: list(id(), { min: 1, max: 100 }) }, { repeatable: true })
		.returns(list(obj({ skuId: id(), price: fen(), currency: currency(), onShelf: bool() })))
		.rest("POST /skus/prices", "public", "Present prices of SKUs")
});

export const productEvents = {
	"product.on_shelf": event({ productId: id() }),
	"product.off_shelf": event({ productId: id() }),
	"product.changed": event({ productId: id(), version: int() }),
	"sku.price_changed": event({ productId: id(), skuId: id(), from: fen(), to: fen() })
};
