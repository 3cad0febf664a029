import { Refusal } from "../../schemas/errors/errors";
import type { SearchQuery, SearchResult, Suggestion } from "../../schemas/search.contract";
import type { CatalogueIndex } from "./catalogue-index";
import type { IndexKeeper } from "./keep-index";

/** How long a request waits for the first index of a process. */
const INDEX_WAIT_MS = 1500;
/** How long a request waits for changes that this process knows of. */
const REFRESH_WAIT_MS = 100;
/** Two Latin letters may be pinyin. */
const MAY_BE_PINYIN = /[a-z]{2}/i;

export async function findProducts(keeper: IndexKeeper, query: SearchQuery): Promise<SearchResult> {
	return (await getIndex(keeper, query.q)).search(query);
}

export async function suggestQueries(
	keeper: IndexKeeper,
	q: string,
	popularQueries: readonly string[]
): Promise<Suggestion[]> {
	return (await getIndex(keeper, q)).suggest(q, popularQueries);
}

/** The index in use, able to understand the query. Refuses with SERVICE_UNAVAILABLE until there is one. */
async function getIndex(keeper: IndexKeeper, q = ""): Promise<CatalogueIndex> {
	const index = keeper.index ?? (await keeper.waitForIndex(INDEX_WAIT_MS));
	if (!index)
		throw new Refusal("SERVICE_UNAVAILABLE", "The search index is being built", { retryAfter: 1 });
	await keeper.waitForRefresh(REFRESH_WAIT_MS);
	if (MAY_BE_PINYIN.test(q.normalize("NFKC"))) await keeper.preparePinyin(index.words);
	return index;
}
