import { generateCatalogue, generateProducts, type DemoProduct } from "../scripts/demo/generate-catalogue";
import type { SearchEntry, SearchQuery } from "../schemas/search.contract";
import type { CatalogueNames } from "../services/search/index/catalogue-names.domain";
import { SearchEngineClient } from "../infrastructure/search-engine";
import { ExternalIndexes } from "../services/search/external/external-indexes";
import { IndexKeeper } from "../services/search/keep-index";
import { memoryIndexes } from "../services/search/memory-index";
import { settings } from "../settings";
import { watchStretches } from "./watch-stretches";

/**
 * Measures the search index alone, in memory or in the engine that SEARCH_URL names: building it, queries with words, three filters and facets, and suggestions. Run by
 * `npm run bench:search [-- products …]`; by default 10,000 and 100,000 products with 2.5 SKUs each.
 */
const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10_000, 100_000];
const QUERIES = Number(process.env["QUERIES"] ?? 2_000);
const PAGE = 100;
const FIRST_ID = 10_000_000;

const catalogue = generateCatalogue(1);

function toNames(): CatalogueNames {
	const build = (parentKey: string | null): CatalogueNames["categories"] =>
		catalogue.categories
			.filter(category => category.parentKey === parentKey)
			.map(({ key, name, level, sort, icon }) => ({
				id: key,
				name,
				level,
				parentId: parentKey,
				sort,
				icon,
				children: build(key)
			}));
	return {
		categories: build(null),
		brands: catalogue.brands.map(({ key, name }) => ({ id: key, name })),
		facets: catalogue.attributes.filter(({ facet }) => facet).map(({ name }) => name)
	};
}

/** Two or three SKUs each, 2.5 on average. */
const toEntry = (product: DemoProduct, i: number): SearchEntry => ({
	id: `P${String(FIRST_ID - i)}`,
	version: 1,
	name: product.name,
	subtitle: product.subtitle,
	description: product.description,
	categoryId: product.categoryKey,
	brandId: product.brandKey,
	attributes: product.attributes,
	sales: (i * 7919) % 10_007,
	rating: ((i * 31) % 50) / 10,
	skus: product.skus.slice(i % 3, (i % 3) + 2 + (i % 2)).map((sku, n) => ({
		id: `P${String(FIRST_ID - i)}-${n + 1}`,
		code: `${sku.code}-${i}`,
		name: sku.name,
		price: sku.price,
		level: (i + n) % 7 ? "in" : "out",
		levelVersion: 1,
		attributes: sku.attributes
	}))
});

const quiet = { info() {}, warn: console.warn, error: console.error, debug() {} };

/** Entries that queries are made of; all of them would make the garbage collector's work many times what it is in a shop. */
const SAMPLES = 500;

/** Builds an index of the products, in memory or, with SEARCH_URL, in a search engine. */
async function build(size: number) {
	const products = generateProducts(size);
	const samples: SearchEntry[] = [];
	let made = 0;
	let skus = 0;
	const readEntries = () => {
		const entries: SearchEntry[] = [];
		while (entries.length < PAGE) {
			const { value: product, done } = products.next();
			if (done) break;
			const entry = toEntry(product, made++);
			skus += entry.skus.length;
			if (made % Math.ceil(size / SAMPLES) === 0) samples.push(entry);
			entries.push(entry);
		}
		return entries;
	};
	const stopping = new AbortController();
	const engine =
		settings.searchEngine && new SearchEngineClient(settings.searchEngine, `bench-${process.pid}~`);
	const keeper = new IndexKeeper(
		engine ? new ExternalIndexes(engine, stopping.signal) : memoryIndexes,
		{
			async readPage() {
				await new Promise(resolve => setImmediate(resolve));
				return readEntries();
			},
			readProducts: async () => [],
			readNames: async () => toNames(),
			readSynonyms: async () => [["手机", "移动电话"]]
		},
		{ readLog: async () => ({ facts: [], position: "", gap: false, behind: 0, seq: 0, lastId: null }) },
		() => undefined,
		quiet,
		stopping
	);
	global.gc?.();
	const before = process.memoryUsage();
	const stretches: number[] = [];
	const stop = watchStretches((_ms, cpuMs) => stretches.push(cpuMs));
	const cpu = process.cpuUsage();
	const start = performance.now();
	keeper.start();
	for (let index = null; index === null;) index = await keeper.waitForIndex(1000);
	const seconds = (performance.now() - start) / 1000;
	const { user, system } = process.cpuUsage(cpu);
	global.gc?.();
	const after = process.memoryUsage();
	const held = after.heapUsed + after.external - before.heapUsed - before.external;
	const index = keeper.index;
	if (!index) throw new Error("There is no index");
	await keeper.preparePinyin(index.words);
	stop();
	const close = async () => {
		await keeper.stop();
		await engine?.deleteIndexes();
	};
	return { index, samples, skus, seconds, cpu: (user + system) / 1e6, stretches, held, close };
}

const WORDS = [
	"手机",
	"智能手机",
	"耳机",
	"x5",
	"快充",
	"shouji",
	"ej",
	"长续航 手机",
	"t恤 男",
	"保温杯",
	"羽绒",
	"降噪",
	"note9",
	"毛绒玩具",
	"白"
];
function makeQuery(entries: readonly SearchEntry[], i: number): SearchQuery {
	const entry = entries[(i * 7919) % entries.length];
	const [name = "", value = ""] = Object.entries(entry?.skus[0]?.attributes ?? {})[0] ?? [];
	return {
		q: WORDS[i % WORDS.length],
		sort: i % 3 ? "default" : "price_asc",
		facets: true,
		pageSize: 20,
		inStock: true,
		minPrice: 1000,
		maxPrice: 10_000_000,
		attributes: { [name]: [value] },
		...(i % 2 ? { brandIds: [entry?.brandId ?? ""] } : { categoryId: "digital" })
	};
}

/** Milliseconds of each call: of CPU in memory, of the clock with a search engine, whose work is not this process's. */
async function measure(times: number, work: (i: number) => Promise<unknown>) {
	for (let i = 0; i < Math.min(200, times); i++) await work(i);
	const each: number[] = [];
	for (let i = 0; i < times; i++) {
		const [before, start] = [process.cpuUsage(), performance.now()];
		await work(i);
		const { user, system } = process.cpuUsage(before);
		each.push(settings.searchEngine ? performance.now() - start : (user + system) / 1000);
	}
	each.sort((a, b) => a - b);
	const at = (part: number) => (each[Math.floor(part * (times - 1))] ?? NaN).toFixed(2);
	return { median: at(0.5), p99: at(0.99) };
}

const TYPED = ["手", "手机", "sho", "xing", "快", "x5", "蓝牙", "bao", "iph", "无线耳"];

async function main() {
	const rows = [];
	for (const size of sizes) {
		const { index, samples, skus, seconds, cpu, stretches, held, close } = await build(size);
		const query = await measure(QUERIES, i => index.search(makeQuery(samples, i)));
		const browse = await measure(200, () => index.search({ sort: "default", facets: true }));
		const suggestion = await measure(QUERIES, i =>
			index.suggest(TYPED[i % TYPED.length] ?? "", ["手机壳", "耳机"])
		);
		rows.push({
			products: size,
			SKUs: skus,
			"build s": seconds.toFixed(1),
			"build CPU s": cpu.toFixed(1),
			"longest stretch ms": stretches.reduce((longest, ms) => Math.max(longest, ms), 0).toFixed(1),
			"over 10 ms": stretches.filter(ms => ms > 10).length,
			"over 50 ms": stretches.filter(ms => ms > 50).length,
			"memory MiB": (held / 2 ** 20).toFixed(0),
			"index MiB": (index.bytes / 2 ** 20).toFixed(0),
			"query ms": query.median,
			p99: query.p99,
			"facets of all ms": browse.median,
			"suggest ms": suggestion.median,
			"suggest p99": suggestion.p99
		});
		await close();
	}
	console.table(rows);
}

void main();
