import { SettingError, type environmentReader } from "./environment";

/** The variable of the search engine. */
export const SEARCH_VARIABLES = ["SEARCH_URL"] as const;
type Reader = ReturnType<typeof environmentReader<(typeof SEARCH_VARIABLES)[number]>>;

export type SearchEngineAccount = {
	/** Addresses of nodes, without user and password. */
	readonly nodes: readonly string[];
	/** The Authorization header; null without user and password. */
	readonly authorization: string | null;
	/** The addresses as they were written. */
	readonly urls: readonly string[];
};

/** The search engine (OpenSearch or Elasticsearch), by the addresses of its nodes; null where each process has an index of its own. */
export function readSearchEngine({ urls }: Reader): SearchEngineAccount | null {
	const written = urls("SEARCH_URL", "https", "http");
	const [first, ...others] = written.map(url => new URL(url));
	if (!first) return null;
	for (const { pathname, search, hash } of [first, ...others])
		if (pathname !== "/" || search || hash)
			throw new SettingError(
				"SEARCH_URL",
				"只应有主机与端口，如 https://user:password@search.example:9200",
				"must have no path, such as https://user:password@search.example:9200"
			);
	if (others.some(({ username, password }) => username !== first.username || password !== first.password))
		throw new SettingError(
			"SEARCH_URL",
			"中各地址的用户名与密码应相同",
			"must have the same user and password in each address"
		);
	const user = decodeURIComponent(first.username);
	const credentials = Buffer.from(`${user}:${decodeURIComponent(first.password)}`).toString("base64");
	return {
		nodes: [first, ...others].map(({ origin }) => origin),
		authorization: first.username === "" ? null : `Basic ${credentials}`,
		urls: written
	};
}
