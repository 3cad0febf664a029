import type { Service } from "moleculer";
import { cacheListenerMixin, cacheMixin } from "../../mixins/cache.mixin";
import { configMixin } from "../../mixins/config.mixin";
import { factsMixin, type FactLog } from "../../mixins/facts.mixin";
import { showGauge } from "../../mixins/metrics.mixin";
import { openSearchEngine } from "../../mixins/platform";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import type { Mixin } from "../../schemas/kit/service";
import { service } from "../../schemas/registry";
import { search } from "../../schemas/search.contract";
import { forgetOldCounts, QueryCounts, readHotQueries } from "./count-queries";
import { addSynonyms, editSynonyms, getSynonyms, removeSynonyms, viewSynonyms } from "./edit-synonyms";
import { ExternalIndexes } from "./external/external-indexes";
import { findProducts, suggestQueries } from "./find-products";
import { createIndexSource } from "./index-source";
import { IndexKeeper } from "./keep-index";
import { memoryIndexes } from "./memory-index";
import { forgetOwnQueries, addOwnQuery, readOwnQueries } from "./keep-history";
import { SEARCH_METRICS } from "./search.metrics";
import type { QueryCount, SearchContext, SearchHistory, SynonymSet } from "./search.context";

/** Asks every process to build its index anew. */
const REBUILD = "rebuild";
/** A product changed: `products <id>` among the tags of answers that are out of date. */
const PRODUCT_TAG = "products ";

type Parts = { readonly keeper: IndexKeeper; readonly queryCounts: QueryCounts };

/** `this.keeper` and `this.queryCounts`: the index and the uncounted queries of this process. */
const partsMixin: Mixin<Parts> = {
	created(this: Service) {
		const host = this as unknown as SearchContext & { readonly facts: FactLog };
		const engine = openSearchEngine();
		const stopping = new AbortController();
		const keeper = new IndexKeeper(
			engine ? new ExternalIndexes(engine, stopping.signal) : memoryIndexes,
			createIndexSource(this.broker, host),
			{ readLog: (after, limit) => host.facts.readLog(after, limit) },
			() => void host.cache.clean(),
			this.logger,
			stopping
		);
		Object.assign(this, { keeper, queryCounts: new QueryCounts() });
	}
};

/** Finds products by words, filters and facets. Every process has an index of its own, built from the documents of others. */
export default service(search, {
	dependencies: ["products", "categories", "brands", "attributes"],
	mixins: [
		storeMixin({
			synonyms: collection<SynonymSet>("search_synonyms", [{ keys: { removed: 1, _id: -1 } }]),
			countedQueries: collection<QueryCount>("search_queries", [{ keys: { day: 1, count: -1 } }]),
			histories: collection<SearchHistory>("search_histories")
		}),
		cacheMixin("search", { ttlMs: 2000, max: 10 }),
		cacheListenerMixin,
		configMixin,
		factsMixin,
		partsMixin,
		scheduleMixin<SearchContext & Parts>(
			{
				name: "count queries",
				every: "search.countEvery",
				run() {
					return this.queryCounts.store(this);
				}
			},
			{
				name: "forget old counts of queries",
				every: "housekeeping.sweepEvery",
				run() {
					return forgetOldCounts(this, new Date());
				}
			}
		)
	],

	async started() {
		this.listenForChanges(tags => {
			if (tags.includes(`search ${REBUILD}`)) this.keeper.requestRebuild();
			const changed = tags.filter(tag => tag.startsWith(PRODUCT_TAG));
			if (changed.length) this.keeper.refresh(changed.map(tag => tag.slice(PRODUCT_TAG.length)));
		});
		showGauge(this.broker, SEARCH_METRICS.products, {}, () => this.keeper.status().products);
		showGauge(this.broker, SEARCH_METRICS.behind, {}, () => this.keeper.status().behind);
		showGauge(this.broker, SEARCH_METRICS.bytes, {}, () => this.keeper.status().bytes);
		this.keeper.start();
	},
	async stopped() {
		await this.keeper.stop();
	},

	actions: {
		find: {
			async handler({ params }) {
				return findProducts(this.keeper, params);
			}
		},
		noteQuery: {
			async handler({ params: { q, userId, found } }) {
				if (found) this.queryCounts.add(q, new Date());
				if (userId !== undefined) await addOwnQuery(this, userId, q);
				return null;
			}
		},
		suggest: {
			async handler({ params: { q } }) {
				const popularQueries = await this.cache.getLocal("hot", () =>
					readHotQueries(this, new Date())
				);
				return suggestQueries(this.keeper, q, popularQueries);
			}
		},
		hot: {
			async handler() {
				return this.cache.getLocal("hot", () => readHotQueries(this, new Date()));
			}
		},
		mine: {
			async handler(ctx) {
				return readOwnQueries(this, ctx.meta.user?.id ?? "");
			}
		},
		forgetMine: {
			async handler(ctx) {
				await forgetOwnQueries(this, ctx.meta.user?.id ?? "");
				return null;
			}
		},

		status: {
			async handler() {
				return viewStatus(this.keeper);
			}
		},
		rebuild: {
			async handler() {
				await this.cache.clean(REBUILD);
				return { ...viewStatus(this.keeper), rebuilding: true };
			}
		},
		listSynonyms: {
			async handler({ params }) {
				const page = await this.synonyms.page({ removed: false }, params);
				return { ...page, items: page.items.map(viewSynonyms) };
			}
		},
		getSynonyms: {
			async handler({ params: { id } }) {
				return viewSynonyms(await getSynonyms(this, id));
			}
		},
		addSynonyms: {
			async handler({ params: { words } }) {
				return viewSynonyms(await addSynonyms(this, words));
			}
		},
		editSynonyms: {
			async handler({ params: { id, words } }) {
				return viewSynonyms(await editSynonyms(this, id, words));
			}
		},
		removeSynonyms: {
			async handler({ params: { id } }) {
				await removeSynonyms(this, id);
				return null;
			}
		},
		exportPersonalData: {
			async handler({ params: { userId } }) {
				return { searches: await readOwnQueries(this, userId) };
			}
		}
	},

	events: {
		async "user.closed"(ctx) {
			await forgetOwnQueries(this, ctx.params.userId);
		}
	}
});

function viewStatus(keeper: IndexKeeper) {
	const { builtAt, ...status } = keeper.status();
	return { ...status, builtAt: builtAt?.toISOString() ?? null };
}
