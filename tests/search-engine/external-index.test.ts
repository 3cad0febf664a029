import fc from "fast-check";
import { SearchEngineClient } from "../../infrastructure/search-engine";
import { ExternalIndexes } from "../../services/search/external/external-indexes";
import type { ExternalIndex } from "../../services/search/external/external-index";
import { MemoryIndex } from "../../services/search/memory-index";
import type { SearchEntry } from "../../schemas/search.contract";
import {
	anyQuery,
	anySort,
	catalogueIndexContract,
	PROPERTY_MS,
	RUNS,
	someCatalogues,
	type Bench
} from "../contracts/catalogue-index.contract";
import { anEntry, NAMES } from "../support/search-entries";

const account = { nodes: [process.env["SEARCH_URL"] ?? ""], authorization: null, urls: [] };
const client = new SearchEngineClient(account, `shop-test.${process.pid}~`);
const stopping = new AbortController();
const stored = new Set<string>();
let version = 1;
let live: ExternalIndex;

/** Puts an index into use; whoever opens the indexes later finds it. */
async function activateIndex() {
	const indexes = new ExternalIndexes(client, stopping.signal);
	const index = await indexes.create();
	if (!index) throw new Error("Another process was faster");
	await indexes.activate(index, "position 1");
	return { index, indexes };
}

beforeAll(async () => {
	({ index: live } = await activateIndex());
});
afterAll(async () => {
	stopping.abort();
	await client.deleteIndexes();
});

async function store(entries: readonly SearchEntry[], gone: readonly string[] = []) {
	for (const id of gone) stored.delete(id);
	for (const { id } of entries) stored.add(id);
	await live.store({ entries, gone, version: ++version });
}

/** Replaces what the last test has stored. */
async function fill(entries: readonly SearchEntry[], names = NAMES) {
	const present = new Set(entries.map(({ id }) => id));
	live.words.setNames(names);
	live.words.setSynonyms([]);
	await store(
		entries,
		[...stored].filter(id => !present.has(id))
	);
	return live;
}

const TOGETHER = 50;
const bench: Bench = {
	makeIndex: fill,
	together: TOGETHER,
	store: (_live, entries, gone) => store(entries, gone)
};
catalogueIndexContract(bench);

it(
	"orders, counts and continues lists as the index in memory does",
	async () => {
		await fc.assert(
			fc.asyncProperty(someCatalogues(bench, fc.tuple(anyQuery, anySort)), async cases => {
				const inMemory = new MemoryIndex();
				const entries = cases.flatMap(({ catalogue }) => catalogue);
				inMemory.words.setNames(NAMES);
				await inMemory.store({ entries, gone: [], version });
				const external = await fill(entries);

				for (const { asked, scope } of cases) {
					const [query, sort] = asked;
					const wanted = { ...query, ...scope, sort, facets: true, pageSize: 2 };
					const first = await inMemory.search(wanted);
					expect(await external.search(wanted)).toEqual(first);
					if (first.nextCursor === null) continue;
					const next = { ...wanted, cursor: first.nextCursor };
					expect(await external.search(next)).toEqual(await inMemory.search(next));
				}
			}),
			{ numRuns: Math.ceil(RUNS / TOGETHER) }
		);
	},
	PROPERTY_MS
);

it("refuses readings that are older than what it has", async () => {
	await fill([anEntry({ id: "P1", name: "茶" })]);
	const at = version;
	await store([anEntry({ id: "P1", version: 2, name: "新茶" })]);

	await live.store({ entries: [anEntry({ id: "P1", name: "茶" })], gone: [], version: at });
	await live.store({ entries: [], gone: ["P1"], version: at });

	expect((await live.search({ q: "新茶", sort: "default" })).items).toHaveLength(1);
});

it("is found by the next process with its words, and from where it was left", async () => {
	await fill([anEntry({ id: "P1", name: "Keemun 红茶" })]);
	await live.store({ entries: [], gone: [], version });

	const opened = await new ExternalIndexes(client, stopping.signal).open();

	opened?.index.words.setNames(NAMES);
	expect(opened?.position).toBe("position 1");
	expect(opened?.index.size).toBe(1);
	expect((await opened?.index.search({ q: "kemun", sort: "default" }))?.items).toHaveLength(1);
});

it("is replaced at once by one that was built beside it", async () => {
	await fill([anEntry({ id: "P1", name: "茶" })]);
	const indexes = new ExternalIndexes(client, stopping.signal);
	const built = await indexes.create();
	built?.words.setNames(NAMES);
	await built?.store({
		entries: [anEntry({ id: "P2", name: "茶" })],
		gone: [],
		version: 1,
		isOutdated: () => false
	});
	const other = new ExternalIndexes(client, stopping.signal).create();
	const before = await live.search({ q: "茶", sort: "default" });

	await indexes.activate(built!, "position 2");

	const after = await live.search({ q: "茶", sort: "default" });
	expect([before, after].map(({ items }) => items.map(({ id }) => id))).toEqual([["P1"], ["P2"]]);
	expect(await other).toBeNull();
	expect((await indexes.open())?.position).toBe("position 2");
});

it("says which error it is when the engine is away", async () => {
	const nowhere = new SearchEngineClient({ ...account, nodes: ["http://127.0.0.1:9"] }, client.prefix);

	await expect(new ExternalIndexes(nowhere, stopping.signal).open()).rejects.toMatchObject({
		type: "SERVICE_UNAVAILABLE"
	});
});
