import { environmentReader } from "./environment";
import { toIndexPrefix } from "./search-engine";
import { readSearchEngine } from "./search-settings";

const read = (SEARCH_URL: string) => readSearchEngine(environmentReader({ SEARCH_URL }));

it("has no search engine unless its address is set", () => {
	expect(read("")).toBeNull();
});

it("takes user and password out of the addresses", () => {
	expect(read("https://shop:p%40ss@search-1:9200, https://shop:p%40ss@search-2:9200")).toMatchObject({
		nodes: ["https://search-1:9200", "https://search-2:9200"],
		authorization: `Basic ${Buffer.from("shop:p@ss").toString("base64")}`
	});
	expect(read("http://127.0.0.1:9200")).toMatchObject({ authorization: null });
});

it.each([
	["another scheme", "search:9200"],
	["a path", "https://search:9200/shop"],
	["different users", "https://a:b@search-1:9200,https://c:d@search-2:9200"]
])("refuses %s", (_what, url) => {
	expect(() => read(url)).toThrow(/^SEARCH_URL [^\n]+$/);
});

it("gives each namespace a prefix with which no other one begins", () => {
	const prefixes = ["shop", "shop-2", "Shop", "sHop", "_"].map(toIndexPrefix);

	for (const one of prefixes) expect(prefixes.filter(other => other.startsWith(one))).toEqual([one]);
	expect(prefixes.join("")).not.toMatch(/[A-Z]/);
});
