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
	nothing,
	num,
	obj,
	oneOf,
	oneOrMore,
	opt,
	orNull,
	pageOf,
	paging,
	record,
	str,
	text,
	time,
	type FieldsOf,
	type TypeOf
} from "./kit";
import { stockLevel } from "./stock-level";
import { code, line, optionalProse, prose, url } from "./text-rules";
import { linePattern } from "./text";

export const productStatus = oneOf("draft", "pending", "approved", "rejected", "on_shelf", "off_shelf");
export type ProductStatus = TypeOf<typeof productStatus>;
const sorting = oneOf("default", "price_asc", "price_desc", "sales", "newest", "rating");
export type ProductSorting = TypeOf<typeof sorting>;

/**
 * Units that one user may have in all his orders but those that were cancelled or refunded; null: as many as there are. A
 * list of `skus` that leaves it out lifts it.
 */
const limitPerUser = () => orNull(int({ min: 1, max: 999 }));

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
	limitPerUser: limitPerUser(),
	/** The product's category and all above it. */
	categoryIds: list(id()),
	brandId: orNull(id())
});
export type SkuForSale = TypeOf<typeof skuForSale>;

const card = {
	id: id(),
	name: str(),
	subtitle: orNull(text()),
	image: orNull(str()),
	/** Of the cheapest SKU. */
	price: fen(),
	marketPrice: orNull(fen()),
	currency: currency(),
	brandId: orNull(id()),
	categoryId: id(),
	sales: int({ min: 0 }),
	rating: num({ min: 0, max: 5 }),
	inStock: bool()
};
export type ProductCard = TypeOf<ReturnType<typeof cardRule>>;
const cardRule = () => obj(card);

const sku = {
	id: id(),
	code: str(),
	name: orNull(str()),
	price: fen(),
	marketPrice: orNull(fen()),
	image: orNull(str()),
	attributes: record(str()),
	limitPerUser: limitPerUser(),
	stock: stockLevel
};
export type SkuView = TypeOf<ReturnType<typeof skuRule>>;
const skuRule = () => obj(sku);
const ownSku = obj({ ...sku, productId: id(), version: int() });

const detail = {
	...card,
	description: orNull(text()),
	images: list(str()),
	status: productStatus,
	attributes: record(str()),
	tagIds: list(id()),
	skus: list(skuRule())
};
const detailRule = () => obj(detail);
export type ProductDetail = TypeOf<ReturnType<typeof detailRule>>;

const adminDetail = obj({
	...detail,
	version: int({ min: 1 }),
	/** Why it was rejected. */
	reason: orNull(text()),
	schedule: orNull(obj({ to: oneOf("on_shelf", "off_shelf"), at: time() })),
	createdAt: time(),
	updatedAt: time()
});
export type AdminProduct = TypeOf<typeof adminDetail>;
const adminCard = obj({
	...card,
	status: productStatus,
	version: int({ min: 1 }),
	skuCount: int({ min: 0 }),
	createdAt: time(),
	updatedAt: time()
});
export type AdminProductCard = TypeOf<typeof adminCard>;

// What comes in.
/** Attributes' values by their names, both of them visible lines. */
const values = (max: number) => record(line({ max: 100 }), { keys: linePattern(), max });
const ofProduct = () => values(50);
const ofSku = () => values(20);
const name = () => line({ max: 120 });
const newSku = {
	code: code({ max: 64 }),
	name: opt(orNull(line({ max: 120 }))),
	price: fen(),
	marketPrice: opt(orNull(fen())),
	image: opt(orNull(url())),
	/** No two SKUs of a product have the same, so that only one may have none. */
	attributes: ofSku(),
	limitPerUser: opt(limitPerUser())
};
const newSkuRule = () => obj(newSku);
export type NewSku = TypeOf<ReturnType<typeof newSkuRule>>;
const skus = () => list(newSkuRule(), { min: 1, max: 100 });
const details = {
	subtitle: opt(orNull(optionalProse({ max: 200 }))),
	brandId: opt(orNull(id())),
	description: opt(orNull(optionalProse({ max: 50_000 }))),
	images: opt(list(url(), { max: 20 })),
	attributes: opt(ofProduct()),
	tagIds: opt(list(id(), { max: 20, unique: true }))
};
const patch = { name: opt(name()), categoryId: opt(id()), ...details, skus: opt(skus()) };
export type ProductPatch = FieldsOf<typeof patch>;
const skuPatch = { ...newSku, code: opt(newSku.code), price: opt(fen()), attributes: opt(ofSku()) };
export type SkuPatch = FieldsOf<typeof skuPatch>;

/** A product of the demo catalogue, on the shelf at once. */
const imported = obj({
	id: id(),
	name: name(),
	subtitle: orNull(optionalProse({ max: 200 })),
	categoryId: id(),
	categoryPath: list(id(), { min: 1, max: 3 }),
	brandId: orNull(id()),
	description: orNull(optionalProse({ max: 50_000 })),
	images: list(url(), { max: 20 }),
	attributes: ofProduct(),
	tagIds: list(id(), { max: 20 }),
	sales: int({ min: 0 }),
	rating: num({ min: 0, max: 5 }),
	skus: list(obj({ ...newSku, stock: stockLevel }), { min: 1, max: 100 })
});
export type ImportedProduct = TypeOf<typeof imported>;

const search = { ...paging, q: opt(text({ max: 100 })), categoryId: opt(id()), brandId: opt(id()) };
const listing = {
	...search,
	minPrice: opt(fen()),
	maxPrice: opt(fen()),
	inStock: opt(bool()),
	attr: opt(
		record(oneOrMore(str({ max: 500 }), { max: 100 }), {
			about: "By an attribute's name: values parted by commas, or one value as it is; when given more than once, each is one value as it is"
		})
	),
	sort: opt(sorting)
};
export type ProductListing = FieldsOf<typeof listing>;

const staff = ["merchandiser"] as const;
const move = { errors: ["NOT_FOUND", "INVALID_STATE"] } as const;
const edit = { errors: ["NOT_FOUND", "DUPLICATE", "VERSION_CONFLICT"] } as const;
/** An edit of this version only; without it, of whatever is there. */
const version = opt(int({ min: 1 }));

export const products = contract("products", {
	list: action(listing)
		.returns(pageOf(cardRule()))
		.rest("GET /products", "public", "What is on the shelf, but for what is in a hidden category"),
	get: action({ id: id() })
		.returns(detailRule())
		.rest("GET /products/:id", "public", "A product on the shelf, also one in a hidden category", {
			errors: ["NOT_FOUND"]
		}),
	/** In the order asked; SKUs that do not exist are left out. */
	skus: action({ skuIds: list(id(), { max: 200 }) }, { repeatable: true }).returns(list(skuForSale)),
	prices: action({ skuIds: list(id(), { min: 1, max: 100 }) }, { repeatable: true })
		.returns(list(obj({ skuId: id(), price: fen(), currency: currency(), onShelf: bool() })))
		.rest("POST /skus/prices", "public", "Present prices of SKUs"),

	adminList: action({ ...search, status: opt(productStatus) })
		.returns(pageOf(adminCard))
		.rest("GET /admin/products", staff, "Products in any status, newest first"),
	adminGet: action({ id: id() })
		.returns(adminDetail)
		.rest("GET /admin/products/:id", staff, "A product in any status"),
	create: action({ name: name(), categoryId: id(), ...details, skus: skus() })
		.returns(adminDetail)
		.rest("POST /admin/products", staff, "Draft a product", { status: 201, errors: ["DUPLICATE"] }),
	edit: action({ id: id(), version, ...patch })
		.returns(adminDetail)
		.rest(
			"PATCH /admin/products/:id",
			staff,
			"Change a product; `skus` stand for all of them, known by their code",
			edit
		),
	remove: action({ id: id() })
		.returns(nothing)
		.rest("DELETE /admin/products/:id", staff, "Remove a product that is not on the shelf", move),
	submit: action({ id: id() })
		.returns(adminDetail)
		.rest("POST /admin/products/:id/submit", staff, "Ask for approval", move),
	approve: action({ id: id() })
		.returns(adminDetail)
		.rest("POST /admin/products/:id/approve", staff, "Approve", move),
	reject: action({ id: id(), reason: prose({ max: 500 }) })
		.returns(adminDetail)
		.rest("POST /admin/products/:id/reject", staff, "Send back with a reason", move),
	onShelf: action({ id: id(), at: opt(time()) })
		.returns(adminDetail)
		.rest("POST /admin/products/:id/on-shelf", staff, "Sell from now on, or from `at` on", move),
	offShelf: action({ id: id(), at: opt(time()) })
		.returns(adminDetail)
		.rest("POST /admin/products/:id/off-shelf", staff, "Stop selling now, or at `at`", move),
	/** Leaves the product as it is where nothing is scheduled, so that a lost answer may be asked for again. */
	cancelSchedule: action({ id: id() }, { repeatable: true })
		.returns(adminDetail)
		.rest("DELETE /admin/products/:id/schedule", staff, "Cancel the scheduled step, if there is one", {
			errors: ["NOT_FOUND"]
		}),
	addSku: action({ id: id(), version, ...newSku })
		.returns(ownSku)
		.rest("POST /admin/products/:id/skus", staff, "Add a SKU with attributes that no other has", {
			...edit,
			status: 201
		}),
	editSku: action({ id: id(), skuId: id(), version, ...skuPatch })
		.returns(ownSku)
		.rest("PATCH /admin/products/:id/skus/:skuId", staff, "Change a SKU", edit),
	removeSku: action({ id: id(), skuId: id() })
		.returns(nothing)
		.rest("DELETE /admin/products/:id/skus/:skuId", staff, "Take a SKU out, unless it is the last", move),

	/** Whether a product has this category (or one under it), brand, tag, or attribute (in this category or under it). */
	uses: action(
		{ categoryId: opt(id()), brandId: opt(id()), tagId: opt(id()), attribute: opt(str()) },
		{ repeatable: true }
	).returns(bool()),
	/** Adds those that are not there. */
	import: action({ products: list(imported, { max: 500 }) }, { repeatable: true }).returns(nothing)
});

export const productEvents = {
	"product.on_shelf": event({ productId: id() }),
	"product.off_shelf": event({ productId: id() }),
	"product.changed": event({ productId: id(), version: int() }),
	"sku.price_changed": event({ productId: id(), skuId: id(), from: fen(), to: fen() })
};
