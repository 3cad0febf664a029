import type { ServiceBroker } from "moleculer";
import { call } from "../../schemas/registry";
import type { IndexSource } from "./build-index";
import type { SearchContext } from "./search.context";

const PAGE_SIZE = 100;
/** Most sets of synonyms that queries use; the newest ones. */
const MAX_SYNONYM_SETS = 2000;
const TIMEOUT_MS = 10_000;

/** Reads products and names from the services that own them. */
export function createIndexSource(
	broker: ServiceBroker,
	context: Pick<SearchContext, "synonyms">
): IndexSource {
	const options = { timeout: TIMEOUT_MS };
	return {
		readPage: before =>
			call(broker, "products.searchEntries", before === undefined ? {} : { before }, options),
		readProducts: ids => call(broker, "products.searchEntries", { ids }, options),
		async readNames() {
			const [categories, brands, attributes] = await Promise.all([
				call(broker, "categories.tree", {}, options),
				readAll(paging => call(broker, "brands.browse", paging, options)),
				readAll(paging => call(broker, "attributes.list", paging, options))
			]);
			const facets = attributes.filter(({ facet }) => facet).map(({ name }) => name);
			return { categories: categories as never, brands, facets: [...new Set(facets)] };
		},
		async readSynonyms() {
			const found = await context.synonyms.find(
				{ removed: false },
				{ sort: { _id: -1 }, limit: MAX_SYNONYM_SETS }
			);
			return found.map(({ words }) => words);
		}
	};
}

type Paging = { readonly page: number; readonly pageSize: number };

/** All entries of a list, as far as lists are read by page. */
async function readAll<T>(
	readPage: (paging: Paging) => Promise<{ readonly items: readonly T[]; readonly total: number }>
): Promise<T[]> {
	const all: T[] = [];
	for (let page = 1; ; page++) {
		const { items, total } = await readPage({ page, pageSize: PAGE_SIZE });
		all.push(...items);
		if (items.length === 0 || all.length >= total) return all;
	}
}
