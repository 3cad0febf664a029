import { action, contract, event } from "./kit/contract";
import * as r from "./kit/rules";
import { promotionType } from "./promotions.contract";
import { facets, listCursor, queryText, searchEntries, searchSorting } from "./search.contract";
import { stockLevel } from "./values/stock-level";
import { code, line, optionalProse, prose, url } from "./kit/text-rules";
import { linePattern } from "./values/text";

export const productStatus = r.oneOf("draft", "pending", "approved", "rejected", "on_shelf", "off_shelf");
export type ProductStatus = r.TypeOf<typeof productStatus>;

/**
 * Units that one user may have in all orders that are not cancelled or refunded; null: no limit. A list of `skus` that
 * leaves the limit out removes it.
 */
const limitPerUser = () => r.orNull(r.int({ min: 1, max: 999 }));

/** Grams of one unit. */
const weight = () => r.int({ min: 0, max: 1_000_000 });

/** A SKU as carts and orders need it. */
const skuForSale = r.obj({
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
const adminSku = r.obj("StaffSku", { ...sku, productId: r.id(), version: r.int() });
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
const detailRule = () => r.obj("Product", detail);
export type ProductDetail = r.TypeOf<ReturnType<typeof detailRule>>;

const adminDetail = r.obj("StaffProduct", {
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
export type AdminProduct = r.TypeOf<typeof adminDetail>;
const adminCard = r.obj("StaffProductCard", {
	...card,
	status: productStatus,
	version: r.int({ min: 1 }),
	skuCount: r.int({ min: 0 }),
	createdAt: r.time(),
	updatedAt: r.time()
});
export type AdminProductCard = r.TypeOf<typeof adminCard>;

/** Attribute values by attribute name. */
const values = (max: number) => r.record(line({ max: 100 }), { keys: linePattern(), max });
/** Most attributes of a product, and of a SKU. */
export const MAX_ATTRIBUTES = { spec: 50, sale: 20 };
const ofProduct = () => values(MAX_ATTRIBUTES.spec);
const ofSku = () => values(MAX_ATTRIBUTES.sale);

const name = () => line({ max: 120 });
const newSku = {
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
const details = {
	subtitle: r.opt(r.orNull(optionalProse({ max: 200 }))),
	brandId: r.opt(r.orNull(r.id())),
	description: r.opt(r.orNull(optionalProse({ max: 50_000 }))),
	images: r.opt(r.list(url(), { max: 20 })),
	attributes: r.opt(ofProduct()),
	tagIds: r.opt(r.list(r.id(), { max: 20, unique: true })),
	/** The rule of the freight; null: the default one. */
	shippingRuleId: r.opt(r.orNull(r.id()))
};
const newProduct = { name: name(), categoryId: r.id(), ...details, skus: skus() };
export type NewProduct = r.FieldsOf<typeof newProduct>;
const patch = { name: r.opt(name()), categoryId: r.opt(r.id()), ...details, skus: r.opt(skus()) };
export type ProductPatch = r.FieldsOf<typeof patch>;
const skuPatch = { ...newSku, code: r.opt(newSku.code), price: r.opt(r.fen()), attributes: r.opt(ofSku()) };
export type SkuPatch = r.FieldsOf<typeof skuPatch>;

/** A product of the demo catalogue, on the shelf at once. */
const imported = r.obj({
	id: r.id(),
	name: name(),
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
export type ImportedProduct = r.TypeOf<typeof imported>;

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
	name: name(),
	subtitle: details.subtitle,
	description: details.description,
	images: details.images,
	attributes: importedAttributes(),
	status: r.opt(productStatus)
};
export const importedContentRule = r.obj(importedContent);
/** Rows of one product: that of `productId`, else one of this name in a category, else a new one. */
const importedGroup = r.obj({
	productId: r.orNull(r.id()),
	/** Categories of that path, one unless names are given twice: the present one, if it is among them. */
	categoryIds: r.list(r.id(), { min: 1, max: 100 }),
	brandId: details.brandId,
	tagIds: details.tagIds,
	...importedContent,
	/** In a trial also the rows of the product that were tried before; one batch has at most 100 of either. */
	skus: r.list(importedSkuRule, { min: 1, max: 200 })
});
export type ImportedGroup = r.TypeOf<typeof importedGroup>;
const rowOutcome = r.obj({
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
const exported = r.obj({
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
export type ExportedProduct = r.TypeOf<typeof exported>;

const search = {
	...r.cursorPaging,
	q: r.opt(queryText()),
	categoryId: r.opt(r.id()),
	brandId: r.opt(r.id())
};
/** Most brands of a filter. */
const MAX_BRANDS = 50;
const listing = {
	...search,
	cursor: r.opt(listCursor()),
	brandId: r.opt(
		r.str({
			max: MAX_BRANDS * 65,
			pattern: new RegExp(`^[\\w.:-]{1,64}(,[\\w.:-]{1,64}){0,${MAX_BRANDS - 1}}$`),
			about: "Ids of brands, separated by commas"
		})
	),
	minPrice: r.opt(r.fen()),
	maxPrice: r.opt(r.fen()),
	inStock: r.opt(r.bool()),
	/** Only goods in the scope of this promotion; none where it does not run. */
	promotionId: r.opt(r.id()),
	attr: r.opt(
		r.record(r.oneOrMore(r.str({ max: 500 }), { max: 100 }), {
			max: 20,
			about: "By attribute name: values separated by commas, or one value as it is; if given several times, each is one value as it is"
		})
	),
	sort: r.opt(searchSorting),
	/** Also count what each further filter would leave. */
	facets: r.opt(r.bool())
};
export type ProductListing = r.FieldsOf<typeof listing>;

const staff = ["merchandiser"] as const;
const statusChange = { errors: ["NOT_FOUND", "INVALID_STATE"] } as const;
const edit = { errors: ["NOT_FOUND", "DUPLICATE", "VERSION_CONFLICT"] } as const;
/** The version that the caller has seen: an edit of any other is refused. Without it the edit applies to any version. */
const version = r.opt(r.int({ min: 1 }));

export const products = contract("products", {
	list: action(listing)
		.returns(r.obj("ProductList", { ...r.pageFields(cardRule()), facets: r.opt(facets) }))
		.rest("GET /products", "guest", "Products on the shelf, except those in a hidden category", {
			cacheTags: () => ["products", "promotions", "search"],
			errors: ["SERVICE_UNAVAILABLE"]
		}),
	get: action({ id: r.id() })
		.returns(detailRule())
		.rest("GET /products/:id", "guest", "A product on the shelf, also one in a hidden category", {
			cacheTags: ({ id, skus }) => [
				`products ${id}`,
				"promotions",
				...skus.map(sku => `stock ${sku.id}`)
			],
			errors: ["NOT_FOUND"]
		}),
	/** Cards of the products on the shelf, in the order asked; the others are left out. */
	cards: action({ productIds: r.list(r.id(), { max: 100 }) }, { repeatable: true }).returns(
		r.list(cardRule())
	),
	/** In the order asked; removed SKUs too, but none that never existed. */
	skus: action({ skuIds: r.list(r.id(), { max: 500 }) }, { repeatable: true }).returns(r.list(skuForSale)),
	prices: action({ skuIds: r.list(r.id(), { min: 1, max: 100 }) }, { repeatable: true })
		.returns(r.list(r.obj({ skuId: r.id(), price: r.fen(), currency: r.currency(), onShelf: r.bool() })))
		.rest("POST /skus/prices", "public", "Current prices of SKUs"),

	adminList: action({ ...search, status: r.opt(productStatus) })
		.returns(r.pageOf(adminCard))
		.rest("GET /admin/products", staff, "Products in any status, newest first"),
	adminGet: action({ id: r.id() })
		.returns(adminDetail)
		.rest("GET /admin/products/:id", staff, "A product in any status"),
	create: action(newProduct)
		.returns(adminDetail)
		.rest("POST /admin/products", staff, "Draft a product", { status: 201, errors: ["DUPLICATE"] }),
	edit: action({ id: r.id(), version, ...patch })
		.returns(adminDetail)
		.rest(
			"PATCH /admin/products/:id",
			staff,
			"Change a product; a list of `skus` replaces all of them, matched by code",
			edit
		),
	remove: action({ id: r.id() })
		.returns(r.nothing)
		.rest("DELETE /admin/products/:id", staff, "Remove a product that is not on the shelf", statusChange),
	submit: action({ id: r.id() })
		.returns(adminDetail)
		.rest("POST /admin/products/:id/submit", staff, "Ask for approval", statusChange),
	approve: action({ id: r.id() })
		.returns(adminDetail)
		.rest("POST /admin/products/:id/approve", staff, "Approve", statusChange),
	reject: action({ id: r.id(), reason: prose({ max: 500 }) })
		.returns(adminDetail)
		.rest("POST /admin/products/:id/reject", staff, "Send back with a reason", statusChange),
	onShelf: action({ id: r.id(), at: r.opt(r.time()) })
		.returns(adminDetail)
		.rest("POST /admin/products/:id/on-shelf", staff, "Sell from now on, or from `at` on", statusChange),
	offShelf: action({ id: r.id(), at: r.opt(r.time()) })
		.returns(adminDetail)
		.rest("POST /admin/products/:id/off-shelf", staff, "Stop selling now, or at `at`", statusChange),
	/** Succeeds without a schedule too, so that a request whose answer was lost can be repeated. */
	cancelSchedule: action({ id: r.id() }, { repeatable: true })
		.returns(adminDetail)
		.rest("DELETE /admin/products/:id/schedule", staff, "Cancel the scheduled step, if there is one", {
			errors: ["NOT_FOUND"]
		}),
	addSku: action({ id: r.id(), version, ...newSku })
		.returns(adminSku)
		.rest("POST /admin/products/:id/skus", staff, "Add a SKU with attributes that no other has", {
			...edit,
			status: 201
		}),
	editSku: action({ id: r.id(), skuId: r.id(), version, ...skuPatch })
		.returns(adminSku)
		.rest("PATCH /admin/products/:id/skus/:skuId", staff, "Change a SKU", edit),
	removeSku: action({ id: r.id(), skuId: r.id() })
		.returns(r.nothing)
		.rest("DELETE /admin/products/:id/skus/:skuId", staff, "Remove a SKU, unless it is the last", {
			errors: ["NOT_FOUND", "LAST_ONE"]
		}),

	/** Whether a product has this category (or one under it), brand, tag, or attribute (in this category or under it). */
	uses: action(
		{
			categoryId: r.opt(r.id()),
			brandId: r.opt(r.id()),
			tagId: r.opt(r.id()),
			attribute: r.opt(r.str()),
			shippingRuleId: r.opt(r.id())
		},
		{ repeatable: true }
	).returns(r.bool()),
	/** Products, on the shelf or not, as scopes of promotions name them; those that do not exist are left out. */
	goods: action({ productIds: r.list(r.id(), { max: 500 }) }, { repeatable: true }).returns(
		r.list(
			r.obj({
				productId: r.id(),
				name: r.str(),
				categoryIds: r.list(r.id()),
				brandId: r.orNull(r.id()),
				skuIds: r.list(r.id())
			})
		)
	),
	/**
	 * Products on the shelf as the search index reads them: those of `ids`, or a page by descending id from below `before` on,
	 * empty at the end.
	 */
	searchEntries: action(
		{ ids: r.opt(r.list(r.id(), { max: 100 })), before: r.opt(r.id()) },
		{ repeatable: true }
	).returns(searchEntries),
	/** Codes of SKUs that exist, with their products. */
	codes: action({ codes: r.list(r.str({ max: 200 }), { max: 500 }) }, { repeatable: true }).returns(
		r.list(r.obj({ code: r.str(), productId: r.id() }))
	),
	/** Creates and changes products by rows of a file; with `dryRun` only says what would become of each row. */
	importRows: action(
		{ groups: r.list(importedGroup, { max: 100 }), dryRun: r.bool() },
		{ repeatable: true }
	).returns(r.list(rowOutcome)),
	/** Products that match, the newest first, from `cursor` on. */
	exportRows: action(
		{
			q: r.opt(r.text({ max: 100 })),
			categoryId: r.opt(r.id()),
			brandId: r.opt(r.id()),
			status: r.opt(productStatus),
			cursor: r.opt(r.id()),
			limit: r.int({ min: 1, max: 500 })
		},
		{ repeatable: true }
	).returns(r.obj({ products: r.list(exported), nextCursor: r.orNull(r.str()) })),
	/** Names of the attributes of products that match, as `exportRows` goes through them. */
	attributeNames: action(
		{
			q: r.opt(r.text({ max: 100 })),
			categoryId: r.opt(r.id()),
			brandId: r.opt(r.id()),
			status: r.opt(productStatus),
			cursor: r.opt(r.id())
		},
		{ repeatable: true }
	).returns(r.obj({ spec: r.list(r.str()), sale: r.list(r.str()), nextCursor: r.orNull(r.str()) })),
	/** Adds the products that are missing; the others stay as they are. */
	import: action({ products: r.list(imported, { max: 500 }) }, { repeatable: true }).returns(r.nothing)
});

export const productEvents = {
	"product.on_shelf": event({ productId: r.id() }).means("A product is on sale"),
	"product.off_shelf": event({ productId: r.id() }).means("A product is no longer sold"),
	"product.changed": event({ productId: r.id(), version: r.int() }).means(
		"The content of a product changed"
	),
	"product.rated": event({
		productId: r.id(),
		rating: r.num({ min: 0, max: 5 }),
		reviews: r.int({ min: 0 })
	}).means("The rating of a product or the number of its reviews changed"),
	"product.imported": event({ productIds: r.list(r.id()) }).means(
		"Products of a demo catalogue were added, all on the shelf"
	),
	"sku.price_changed": event({ productId: r.id(), skuId: r.id(), from: r.fen(), to: r.fen() }).means(
		"The price of a SKU changed, in fen"
	)
};
