import { monitorEventLoopDelay } from "node:perf_hooks";
import { generateCatalogue, generateProducts, type DemoProduct } from "../scripts/demo/generate-catalogue";
import type { SearchEntry, SearchQuery } from "../schemas/search.contract";
import type { CatalogueNames } from "../services/search/index/catalogue-names.domain";
import type { SearchIndex } from "../services/search/index/search-index.domain";
import { IndexKeeper } from "../services/search/keep-index";
import { memoryIndexes, type MemoryIndex } from "../services/search/memory-index";

/**
 * Measures the search index alone: building it, queries with words, three filters and facets, and suggestions. Run by
 * `npm run bench:search [-- products …]`; by default 10,000 and 100,000 products with 2.5 SKUs each.
 */
const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10_000, 100_000];
const QUERIES = 2_000;
const PAGE = 100;

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
	id: `P${String(10_000_000 - i)}`,
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
		id: `P${String(10_000_000 - i)}-${n + 1}`,
		code: `${sku.code}-${i}`,
		name: sku.name,
		price: sku.price,
		level: (i + n) % 7 ? "in" : "out",
		levelVersion: 1,
		attributes: sku.attributes
	}))
});

async function build(count: number) {
	const products = generateProducts(count);
	let made = 0;
	let settled = false;
	const keeper = new IndexKeeper(
		memoryIndexes,
		{
			async readPage() {
				const page = [];
				for (let next = products.next(); ; next = products.next()) {
					if (next.done) break;
					page.push(toEntry(next.value, made++));
					if (page.length === PAGE) break;
				}
				await new Promise(resolve => setImmediate(resolve));
				return page;
			},
			readProducts: async () => [],
			readNames: async () => toNames(),
			readSynonyms: async () => [["手机", "移动电话"]]
		},
		{ readLog: async () => ({ facts: [], position: "", gap: false, behind: 0, seq: 0, lastId: null }) },
		() => undefined,
		{ info() {}, warn: console.warn, error: console.error, debug() {} }
	);
	global.gc?.();
	const before = process.memoryUsage();
	const delays = monitorEventLoopDelay({ resolution: 1 });
	delays.enable();
	const cpu = process.cpuUsage();
	const start = performance.now();
	keeper.start();
	while (!settled) settled = (await keeper.waitForIndex(1000)) !== null;
	const seconds = (performance.now() - start) / 1000;
	const { user, system } = process.cpuUsage(cpu);
	delays.disable();
	global.gc?.();
	const after = process.memoryUsage();
	const held = after.heapUsed + after.external - before.heapUsed - before.external;
	const memory = keeper.index as MemoryIndex;
	await keeper.stop();
	return { memory, index: memory.searchIndex, seconds, cpu: (user + system) / 1e6, slice: delays, held };
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
function makeQuery(index: SearchIndex, i: number): SearchQuery {
	const at = (n: number) => (i * n) % index.table.length;
	const p = at(7919);
	const attribute = index.table.attributeValues.get(
		index.table.skuValueStart.get(index.table.skuStart.get(p))
	);
	const name = index.table.attributes.texts[index.table.attributeOfValue.get(attribute)] ?? "";
	return {
		q: WORDS[i % WORDS.length],
		sort: i % 3 ? "default" : "price_asc",
		facets: true,
		pageSize: 20,
		inStock: true,
		minPrice: 1000,
		maxPrice: 10_000_000,
		attributes: { [name]: [index.table.valueTexts[attribute] ?? ""] },
		...(i % 2
			? { brandIds: [index.table.brands.texts[index.table.brand.get(p)] ?? ""] }
			: { categoryId: "digital" })
	};
}

function measure(times: number, work: (i: number) => unknown) {
	for (let i = 0; i < 200; i++) work(i);
	const each = Array.from({ length: times }, (_, i) => {
		const before = process.cpuUsage();
		work(i);
		const { user, system } = process.cpuUsage(before);
		return (user + system) / 1000;
	}).sort((a, b) => a - b);
	const at = (part: number) => each[Math.floor(part * (times - 1))] ?? NaN;
	return { median: at(0.5), p99: at(0.99) };
}

async function main() {
	const rows = [];
	for (const size of sizes) {
		const { memory, index, seconds, cpu, slice, held } = await build(size);
		const query = measure(QUERIES, i => index.search(makeQuery(index, i)));
		const browse = measure(200, () => index.search({ sort: "default", facets: true }));
		const typed = ["手", "手机", "sho", "xing", "快", "x5", "蓝牙", "bao", "iph", "无线耳"];
		const suggestion = measure(QUERIES, i =>
			memory.suggest(typed[i % typed.length] ?? "", ["手机壳", "耳机"])
		);
		rows.push({
			products: size,
			SKUs: index.table.price.values.length && countSkus(index),
			"build s": seconds.toFixed(1),
			"build CPU s": cpu.toFixed(1),
			"slice p99 ms": (slice.percentile(99) / 1e6).toFixed(1),
			"slice max ms": (slice.max / 1e6).toFixed(1),
			"memory MiB": (held / 2 ** 20).toFixed(0),
			"estimated MiB": (index.bytes / 2 ** 20).toFixed(0),
			"query ms": query.median.toFixed(2),
			p99: query.p99.toFixed(2),
			"facets of all ms": browse.median.toFixed(2),
			"suggest ms": suggestion.median.toFixed(2),
			"suggest p99": suggestion.p99.toFixed(2)
		});
	}
	console.table(rows);
}

const countSkus = (index: SearchIndex): number => {
	let sum = 0;
	for (let p = 0; p < index.table.length; p++) sum += index.table.skuCount.get(p);
	return sum;
};

void main();
