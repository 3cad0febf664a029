import { action, contract, event } from "./kit/contract";
import * as r from "./kit/rules";
import { exportedProduct, importedGroup, importedProduct, rowOutcome } from "./products.imports";
import { newProduct, newSku, productPatch, skuPatch } from "./products.inputs";
import {
	adminProduct,
	adminProductCard,
	adminSku,
	cardRule,
	detailRule,
	productStatus,
	skuForSale
} from "./products.views";
import { facets, listCursor, queryText, searchEntries, searchSorting } from "./search.contract";
import { prose } from "./kit/text-rules";

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
		.returns(r.pageOf(adminProductCard))
		.rest("GET /admin/products", staff, "Products in any status, newest first"),
	adminGet: action({ id: r.id() })
		.returns(adminProduct)
		.rest("GET /admin/products/:id", staff, "A product in any status"),
	create: action(newProduct)
		.returns(adminProduct)
		.rest("POST /admin/products", staff, "Draft a product", { status: 201, errors: ["DUPLICATE"] }),
	edit: action({ id: r.id(), version, ...productPatch })
		.returns(adminProduct)
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
		.returns(adminProduct)
		.rest("POST /admin/products/:id/submit", staff, "Ask for approval", statusChange),
	approve: action({ id: r.id() })
		.returns(adminProduct)
		.rest("POST /admin/products/:id/approve", staff, "Approve", statusChange),
	reject: action({ id: r.id(), reason: prose({ max: 500 }) })
		.returns(adminProduct)
		.rest("POST /admin/products/:id/reject", staff, "Send back with a reason", statusChange),
	onShelf: action({ id: r.id(), at: r.opt(r.time()) })
		.returns(adminProduct)
		.rest("POST /admin/products/:id/on-shelf", staff, "Sell from now on, or from `at` on", statusChange),
	offShelf: action({ id: r.id(), at: r.opt(r.time()) })
		.returns(adminProduct)
		.rest("POST /admin/products/:id/off-shelf", staff, "Stop selling now, or at `at`", statusChange),
	/** Succeeds without a schedule too, so that a request whose answer was lost can be repeated. */
	cancelSchedule: action({ id: r.id() }, { repeatable: true })
		.returns(adminProduct)
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
	).returns(r.obj({ products: r.list(exportedProduct), nextCursor: r.orNull(r.str()) })),
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
	import: action({ products: r.list(importedProduct, { max: 500 }) }, { repeatable: true }).returns(
		r.nothing
	)
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
