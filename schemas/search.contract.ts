import { action, contract, event } from "./kit/contract";
import { personalDataActions } from "./kit/personal-data";
import * as r from "./kit/rules";
import { line } from "./kit/text-rules";
import { offerScope } from "./promotions.contract";
import { stockLevel } from "./values/stock-level";

/** A product on the shelf as the index reads it. */
const searchEntry = r.obj({
	id: r.id(),
	/** Raised by every edit of the content. */
	version: r.int(),
	name: r.str(),
	subtitle: r.orNull(r.text()),
	/** Its beginning. */
	description: r.orNull(r.text()),
	categoryId: r.id(),
	brandId: r.orNull(r.id()),
	attributes: r.record(r.str()),
	sales: r.int({ min: 0 }),
	/** The Bayesian mean by which lists are sorted. */
	rating: r.num(),
	skus: r.list(
		r.obj({
			id: r.id(),
			code: r.str(),
			name: r.orNull(r.str()),
			price: r.fen(),
			level: stockLevel,
			levelVersion: r.int(),
			attributes: r.record(r.str())
		})
	)
});
export type SearchEntry = r.TypeOf<typeof searchEntry>;
export const searchEntries = r.list(searchEntry);

export const searchSorting = r.oneOf(
	"default",
	"relevance",
	"price_asc",
	"price_desc",
	"sales",
	"newest",
	"rating"
);
export type SearchSorting = r.TypeOf<typeof searchSorting>;

/** A query, as it stands in addresses. */
export const queryText = ({ min = 0 } = {}): r.Rule<string> => ({
	...r.text({ min, max: 100 }),
	pattern: /^[^\p{Cc}\p{Cs}\ufffd]*$/u
});

const count = r.int({ min: 0 });
const named = r.obj({ id: r.id(), name: r.str(), count });
/** Numbers of products, each counted with every filter but its own. */
export const facets = r.obj({
	/** A category counts the products below it as well. */
	categories: r.list(named),
	brands: r.list(named),
	/** `from ≤ price < to` in fen. */
	prices: r.list(r.obj({ from: r.fen(), to: r.orNull(r.fen()), count })),
	attributes: r.list(r.obj({ name: r.str(), values: r.list(r.obj({ value: r.str(), count })) }))
});
export type Facets = r.TypeOf<typeof facets>;

/** The cursor of a list in any order: the last entry's place in it. */
export const listCursor = () => r.str({ max: 160, pattern: /^[\w.:-]+$/ });

const find = {
	q: r.opt(queryText()),
	categoryId: r.opt(r.id()),
	brandIds: r.opt(r.list(r.id(), { max: 50 })),
	minPrice: r.opt(r.fen()),
	maxPrice: r.opt(r.fen()),
	inStock: r.opt(r.bool()),
	/** Values by attribute; one of them is enough. */
	attributes: r.opt(r.record(r.list(r.str()), { max: 20 })),
	scope: r.opt(offerScope),
	sort: searchSorting,
	facets: r.opt(r.bool()),
	page: r.opt(r.int({ min: 1 })),
	pageSize: r.opt(r.int({ min: 1, max: 100 })),
	cursor: r.opt(listCursor())
};
export type SearchQuery = r.FieldsOf<typeof find>;
const found = r.obj({
	items: r.list(
		r.obj({
			id: r.id(),
			/** The SKUs that match; null where no filter tells SKUs apart. */
			skuIds: r.orNull(r.list(r.id()))
		})
	),
	page: r.int(),
	pageSize: r.int(),
	total: r.int({ min: 0 }),
	totalIsAtLeast: r.opt(r.bool()),
	nextCursor: r.orNull(r.str()),
	facets: r.opt(facets)
});
export type SearchResult = r.TypeOf<typeof found>;

const suggestion = r.obj({
	text: r.str(),
	kind: r.oneOf("query", "product", "category", "brand"),
	id: r.opt(r.id())
});
export type Suggestion = r.TypeOf<typeof suggestion>;

const status = r.obj({
	products: r.int({ min: 0 }),
	/** Facts that the index has not applied yet. */
	behind: r.int({ min: 0 }),
	/** Null until the first index is complete. */
	builtAt: r.orNull(r.time()),
	rebuilding: r.bool(),
	/** Estimated bytes of the index. */
	bytes: r.int({ min: 0 })
});

const synonyms = r.obj({ id: r.id(), words: r.list(r.str()), createdAt: r.time(), updatedAt: r.time() });
const words = () => r.list(line({ max: 40 }), { min: 2, max: 20, unique: true });
const staff = ["merchandiser"] as const;

export const search = contract("search", {
	/** Products on the shelf that match, as ids. Refuses with SERVICE_UNAVAILABLE until the index is complete. */
	find: action(find, { repeatable: true }).returns(found),
	/** Notes that a shopper asked this and found something. */
	noteQuery: action({ q: queryText(), userId: r.opt(r.id()), found: r.bool() }).returns(r.nothing),
	suggest: action({ q: queryText({ min: 1 }) })
		.returns(r.list(suggestion, { max: 10 }))
		.rest("GET /products/suggest", "public", "Completions of what is being typed", {
			cacheTags: () => ["search"],
			errors: ["SERVICE_UNAVAILABLE"]
		}),
	hot: action({})
		.returns(r.list(r.str(), { max: 10 }))
		.rest("GET /search/hot", "public", "Queries that many people used in the last days", {
			cacheTags: () => ["search"]
		}),
	mine: action({})
		.returns(r.list(r.obj({ q: r.str(), at: r.time() }), { max: 50 }))
		.rest("GET /me/searches", "user", "The own last queries, newest first"),
	forgetMine: action({}).returns(r.nothing).rest("DELETE /me/searches", "user", "Forget the own queries"),

	status: action({})
		.returns(status)
		.rest("GET /admin/search", staff, "The index of the process that answers, and how far behind it is"),
	rebuild: action({})
		.returns(status)
		.rest(
			"POST /admin/search/rebuild",
			staff,
			"Build a new index beside the one in use, in every process, and switch then"
		),
	listSynonyms: action(r.cursorPaging)
		.returns(r.pageOf(synonyms))
		.rest("GET /admin/search/synonyms", staff, "Sets of words that mean the same, newest first"),
	getSynonyms: action({ id: r.id() })
		.returns(synonyms)
		.rest("GET /admin/search/synonyms/:id", staff, "One set of synonyms"),
	addSynonyms: action({ words: words() })
		.returns(synonyms)
		.rest("POST /admin/search/synonyms", staff, "Let words mean the same", { status: 201 }),
	editSynonyms: action({ id: r.id(), words: r.opt(words()) })
		.returns(synonyms)
		.rest("PATCH /admin/search/synonyms/:id", staff, "Change a set of synonyms", {
			errors: ["NOT_FOUND"]
		}),
	removeSynonyms: action({ id: r.id() })
		.returns(r.nothing)
		.rest("DELETE /admin/search/synonyms/:id", staff, "Remove a set of synonyms", {
			errors: ["NOT_FOUND"]
		}),
	...personalDataActions
});

export const searchEvents = {
	"search.synonyms_changed": event({ synonymsId: r.id() }).means(
		"A set of synonyms was added, changed or removed"
	)
};
