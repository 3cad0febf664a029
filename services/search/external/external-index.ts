import type { SearchEngineClient } from "../../../mixins/platform";
import { DEFAULT_PAGE_SIZE, MAX_LIST_DEPTH } from "../../../schemas/kit/rules";
import type { SearchQuery, SearchResult, Suggestion } from "../../../schemas/search.contract";
import { IndexMissing, type CatalogueIndex, type ProductsRead, type SkuLevel } from "../catalogue-index";
import type { CatalogueWords } from "../index/catalogue-words.domain";
import { chooseOrder, decodeCursor, encodeCursor } from "../index/cursor.domain";
import { MAX_SUGGESTIONS, suggest, tokensToSuggest } from "../index/suggest.domain";
import { TimeSlice } from "../time-slice";
import { foldText } from "../text/fold-text.domain";
import type { Term } from "../text/parse-query.domain";
import { splitRuns } from "../text/split-text.domain";
import { buildFacetAggregations, readFacets, type FacetAnswers } from "./facet-aggregations.domain";
import {
	buildConditions,
	meetAll,
	tellsSkusApart,
	terms,
	visibleCategories,
	allOf,
	type Query
} from "./filter-query.domain";
import { IS_SHOWN, toDocument, toTombstone } from "./index-document.domain";
import { placeOf, searchAfter, SKU_IDS, skuIdsOf, sortBy, type Hit } from "./list-order.domain";
import type { LocalCatalogue } from "./local-catalogue.domain";
import { buildTextQuery } from "./text-query.domain";

const CONFLICT = 409;
const NOT_FOUND = 404;
const STORE_TIMEOUT_MS = 5_000;
const MAX_COUNTED = 10_000;
const COUNTS_KEPT_MS = 10_000;

type Answer = {
	readonly hits: { readonly total: { readonly value: number }; readonly hits: readonly Hit[] };
	readonly aggregations?: FacetAnswers;
};
type Counts = {
	readonly ofCategory: ReadonlyMap<string, number>;
	readonly ofBrand: ReadonlyMap<string, number>;
};

/** The catalogue in an index of a search engine. It answers as the index in memory does, from the same tokens. */
export class ExternalIndex implements CatalogueIndex {
	size = 0;
	bytes = 0;
	readonly isWorn = false;
	private counts: { readonly at: number; readonly value: Promise<Counts> } | undefined;

	constructor(
		private readonly client: SearchEngineClient,
		/** The name of the index, or the alias of the one in use. */
		public name: string,
		private readonly local: LocalCatalogue
	) {}

	get words(): CatalogueWords {
		return this.local.words;
	}

	async store({ entries, gone, version, isOutdated }: ProductsRead): Promise<void> {
		const slice = new TimeSlice();
		for (const entry of entries) {
			this.local.note(entry);
			await slice.yieldIfOver();
		}
		for (const id of gone) this.local.forget(id);
		const numbered = (id: string) => ({ _id: id, version, version_type: "external_gte" });
		const lines = [
			...gone.map(id => [{ index: numbered(id) }, toTombstone(id)]),
			...entries
				.filter(({ id }) => !isOutdated?.(id))
				.map(entry => [
					{ index: numbered(entry.id) },
					toDocument(entry, skuId => this.local.levelOf(entry.id, skuId))
				])
		];
		if (lines.length === 0) return;
		// A scan fills an index that nobody asks yet.
		const refresh = isOutdated ? "" : "?refresh=true&require_alias=true";
		const { body } = await this.client.send<{
			items: readonly Readonly<Record<string, { status: number; error?: unknown }>>[];
		}>({
			method: "POST",
			path: `${this.name}/_bulk${refresh}`,
			body: `${lines
				.flat()
				.map(line => JSON.stringify(line))
				.join("\n")}\n`,
			timeoutMs: STORE_TIMEOUT_MS
		});
		for (const { status, error } of body.items.flatMap(item => Object.values(item))) {
			// A conflict means that a newer reading is there already.
			if (!error || status === CONFLICT) continue;
			if (status === NOT_FOUND) throw new IndexMissing(this.name);
			throw new Error(`The search engine does not store a product: ${JSON.stringify(error)}`);
		}
	}

	setLevel(level: SkuLevel): boolean {
		this.local.noteLevel(level);
		return false;
	}

	async search(query: SearchQuery): Promise<SearchResult> {
		const { q = "", page = 1, pageSize = DEFAULT_PAGE_SIZE, cursor } = query;
		const asksWords = q.trim() !== "";
		const order = chooseOrder(query.sort, asksWords);
		const after = cursor === undefined ? null : decodeCursor(order, cursor);
		const conditions = buildConditions(query, this.words.names);
		const namesSkus = tellsSkusApart(conditions);
		const { hits, aggregations } = await this.ask({
			query: this.matchText(asksWords ? await this.parse(q) : null),
			post_filter: meetAll(conditions, namesSkus ? SKU_IDS : undefined),
			sort: sortBy(order, conditions),
			...(after ? { search_after: searchAfter(order, after) } : { from: (page - 1) * pageSize }),
			size: pageSize + 1,
			track_total_hits: MAX_LIST_DEPTH + 1,
			_source: false,
			...(query.facets && { aggs: buildFacetAggregations(conditions, this.words.names) })
		});
		const shown = hits.hits.slice(0, pageSize);
		const last = hits.hits.length > pageSize ? shown.at(-1) : undefined;
		const total = hits.total.value;
		return {
			items: shown.map(hit => ({ id: hit._id, skuIds: namesSkus ? skuIdsOf(hit) : null })),
			page,
			pageSize,
			total: Math.min(total, MAX_LIST_DEPTH),
			...(total > MAX_LIST_DEPTH && { totalIsAtLeast: true }),
			nextCursor: last === undefined ? null : encodeCursor(order, placeOf(order, last)),
			...(query.facets && { facets: readFacets(aggregations ?? {}, this.words.names) })
		};
	}

	async suggest(q: string, popularQueries: readonly string[]): Promise<Suggestion[]> {
		const [counts, known, best] = await Promise.all([
			this.readCounts(),
			this.findKnown(tokensToSuggest(this.words, q)),
			this.findBest(q)
		]);
		const source = {
			words: this.words,
			countOfCategory: (id: string) => counts.ofCategory.get(id) ?? 0,
			countOfBrand: (id: string) => counts.ofBrand.get(id) ?? 0,
			isKnown: (token: string) => known.has(token)
		};
		return suggest(source, q, popularQueries, best);
	}

	/** Reads size and bytes anew. */
	async measure(): Promise<void> {
		const count = { method: "POST", path: `${this.name}/_count`, body: { query: IS_SHOWN } } as const;
		const stats = { method: "GET", path: `${this.name}/_stats/store` } as const;
		const [counted, { body }] = await Promise.all([
			this.client.send<{ count: number }>(count),
			this.client.send<{ _all: { primaries: { store: { size_in_bytes: number } } } }>(stats)
		]);
		this.size = counted.body.count;
		this.bytes = body._all.primaries.store.size_in_bytes;
	}

	private async ask(body: object): Promise<Answer> {
		const { status, body: answer } = await this.client.send<Answer>({
			method: "POST",
			path: `${this.name}/_search`,
			body,
			expected: [NOT_FOUND]
		});
		if (status === NOT_FOUND) throw new IndexMissing(this.name);
		return answer;
	}

	/** Products that shoppers see and, where they are given, that match the terms. */
	private matchText(parsed: readonly Term[] | null): Query {
		const filter = [terms("categoryId", visibleCategories(this.words.names))];
		if (parsed === null) return allOf(filter);
		if (parsed.length === 0) return { match_none: {} };
		return { bool: { filter, must: [buildTextQuery(parsed, this.words.names)] } };
	}

	private async parse(q: string): Promise<Term[]> {
		const letters = splitRuns(foldText(q)).flatMap(({ kind, text }) => (kind === "letters" ? text : []));
		const known = await this.findKnown(letters);
		return this.words.parse(q, token => known.has(token));
	}

	/** Those of the tokens that a product or a name has. */
	private async findKnown(tokens: readonly string[]): Promise<Set<string>> {
		const { names, vocabulary } = this.words;
		const isCertain = (token: string) => names.hasToken(token) || vocabulary.hasLatin(token);
		const doubtful = [...new Set(tokens)].filter(token => !isCertain(token));
		const found = new Set(tokens.filter(isCertain));
		if (doubtful.length === 0) return found;
		const filters = Object.fromEntries(doubtful.map((token, i) => [`t${i}`, { term: { any: token } }]));
		const { aggregations } = await this.ask({ size: 0, aggs: { known: { filters: { filters } } } });
		const { buckets } = aggregations?.["known"] as unknown as {
			buckets: Readonly<Record<string, { doc_count: number }>>;
		};
		for (const [i, token] of doubtful.entries())
			if ((buckets[`t${i}`]?.doc_count ?? 0) > 0) found.add(token);
		return found;
	}

	private async findBest(q: string): Promise<{ readonly id: string; readonly name: string }[]> {
		const { hits } = await this.ask({
			query: this.matchText(await this.parse(q)),
			sort: sortBy("relevance", []),
			size: MAX_SUGGESTIONS,
			track_total_hits: false,
			_source: ["shown.name"]
		});
		return hits.hits.map(({ _id: id, _source }) => ({ id, name: _source?.shown.name ?? "" }));
	}

	/** Products by category and brand, a little old: they only order suggestions. */
	private readCounts(): Promise<Counts> {
		if (!this.counts || Date.now() > this.counts.at + COUNTS_KEPT_MS) {
			const value = this.countProducts();
			value.catch(() => (this.counts = undefined));
			this.counts = { at: Date.now(), value };
		}
		return this.counts.value;
	}

	private async countProducts(): Promise<Counts> {
		const counted = (field: string) => ({ terms: { field, size: MAX_COUNTED } });
		const aggs = { categories: counted("categoryId"), brands: counted("brandId") };
		const { aggregations } = await this.ask({ size: 0, aggs });
		const read = (name: string) => {
			const { buckets } = aggregations?.[name] as unknown as {
				buckets: readonly { key: string; doc_count: number }[];
			};
			return new Map(buckets.map(({ key, doc_count }) => [key, doc_count]));
		};
		return { ofCategory: read("categories"), ofBrand: read("brands") };
	}
}
