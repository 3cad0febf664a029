import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { ServiceBroker } from "moleculer";
import { encodeTime } from "ulid";
import { ignoreDuplicate, type Collection } from "../../infrastructure/documents/collection";
import { announceLacks } from "../../infrastructure/node-lacks";
import { configKeys } from "../../schemas/config-keys";
import { call } from "../../schemas/registry";
import { toStockLevel } from "../../schemas/values/stock-level";
import { BRANDS, CATEGORIES, TAGS } from "./assortment";
import { BANNERS, NOTICES, PAGES, SECTIONS } from "./home-page";
import { collectAttributes, generateProducts, type DemoProduct } from "./generate-catalogue";
import {
	buildDemoPriceLists,
	buildDemoPromotions,
	DEMO_COUPON_TEMPLATES,
	DEMO_LEVELS,
	type DemoIds
} from "./offers";
import { RANGES } from "./product-ranges";

/** What a node lacks until the demo catalogue is there (`/health/ready`). */
export const DEMO_CATALOGUE = "demo catalogue";

/** Services that `loadDemoCatalogue` calls. */
export const DEMO_SERVICES = [
	"categories",
	"brands",
	"tags",
	"attributes",
	"products",
	"inventory",
	"promotions",
	"coupons",
	"members",
	"content"
] as const;

/** Reports the number of products loaded so far. */
export type Progress = (done: number, total: number) => void;

const FIRST_START_PRODUCTS = 120;
const PRODUCTS_PER_CALL = 250;
const SKUS_PER_CALL = 200;
/** Long enough for a batch on a slow disk. */
const CALL_OPTIONS = { timeout: 60_000 };
const LEVELS_WITHIN_MS = 10_000;
/** Creation time that the id of entry 0 encodes: demo entries are older than any other, and entry n by n seconds younger. */
const OLDEST_MS = Date.UTC(2024, 0, 1);
/** Crockford's base 32. */
const ULID_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A ULID that is the same for the same key in every shop; entries with a larger `n` are younger. */
export function buildDemoId(key: string, n = 0): string {
	const hash = createHash("sha256").update(key).digest().subarray(0, 16);
	return encodeTime(OLDEST_MS + n * 1000, 10) + Array.from(hash, byte => ULID_DIGITS[byte % 32]).join("");
}

/** Adds the demo catalogue with `count` products, their stock and the offers; existing entries stay as they are. */
export async function loadDemoCatalogue(
	broker: ServiceBroker,
	count: number,
	onProgress: Progress = () => undefined
): Promise<void> {
	await broker.waitForServices([...DEMO_SERVICES]);
	await loadCategoriesBrandsTagsAttributes(broker);
	await loadHomePage(broker);
	let batch: { product: DemoProduct; n: number }[] = [];
	let n = 0;
	for (const product of generateProducts(count)) {
		batch.push({ product, n: n++ });
		if (batch.length < PRODUCTS_PER_CALL && n < count) continue;
		await loadProducts(broker, batch);
		batch = [];
		onProgress(n, count);
	}
	if (count >= RANGES.length) await loadOffers(broker);
}

async function loadHomePage(broker: ServiceBroker): Promise<void> {
	await call(broker, "content.import", {
		banners: BANNERS.map(({ key, categoryKey, ...banner }) => ({
			...banner,
			id: buildDemoId(`banner ${key}`),
			link: `/api/v1/products?categoryId=${buildCategoryId(categoryKey)}`
		})),
		notices: NOTICES.map(({ key, ...notice }) => ({ ...notice, id: buildDemoId(`notice ${key}`) })),
		sections: SECTIONS.map(({ key, ...section }) => ({ ...section, id: buildDemoId(`section ${key}`) })),
		pages: PAGES.map(({ key, ...page }) => ({ ...page, id: buildDemoId(`page ${key}`) }))
	});
}

/** Records that the first load has begun, and when it ended. */
export type DemoLoad = { readonly _id: "first"; readonly finishedAt: Date | null };

/**
 * Loads the demo catalogue at the first start of an empty shop; a load that was interrupted is completed by the next start.
 * Entries that staff remove later do not come back. Several processes may load at once: each adds only missing entries.
 * Resolves to true if it loaded, and the node is ready then. `loadMore` follows the first load, before the node is ready.
 */
export async function loadDemoCatalogueOnce(
	broker: ServiceBroker,
	loads: Collection<DemoLoad>,
	loadMore: () => Promise<void> = async () => undefined
): Promise<boolean> {
	const loaded = await loadIfMissing(broker, loads);
	if (loaded) await loadMore();
	await announceLacks(broker, []);
	return loaded;
}

/** Waits until lists show products in stock, which facts tell them. A bus may bring them late; the load is complete all the same. */
async function waitForStockLevels(broker: ServiceBroker): Promise<void> {
	const deadline = Date.now() + LEVELS_WITHIN_MS;
	const areShown = async () =>
		(await call(broker, "products.list", { inStock: true, pageSize: 1 })).items.length > 0;
	while (!(await areShown()) && Date.now() < deadline) await pause(20);
}

async function loadIfMissing(broker: ServiceBroker, loads: Collection<DemoLoad>): Promise<boolean> {
	await broker.waitForServices([...DEMO_SERVICES]);
	const load = await loads.findOne({ _id: "first" });
	if (load?.finishedAt) return false;
	if (!load) {
		const { total } = await call(broker, "categories.list", {});
		if (total > 0) return false; // the shop has a catalogue of its own
		await ignoreDuplicate(loads.insert({ _id: "first", finishedAt: null }));
	}
	await loadDemoCatalogue(broker, FIRST_START_PRODUCTS);
	await waitForStockLevels(broker);
	await loads.change({ _id: "first" }, { $set: { finishedAt: new Date() } });
	return true;
}

const buildCategoryId = (key: string) => buildDemoId(`category ${key}`);

async function loadCategoriesBrandsTagsAttributes(broker: ServiceBroker): Promise<void> {
	await call(broker, "categories.import", {
		categories: CATEGORIES.map(({ key, name, parentKey, sort, icon }) => ({
			id: buildCategoryId(key),
			name,
			parentId: parentKey === null ? null : buildCategoryId(parentKey),
			sort,
			icon
		}))
	});
	await call(broker, "brands.import", {
		brands: BRANDS.map(({ key, name, logo, description }) => ({
			id: buildDemoId(`brand ${key}`),
			name,
			logo,
			description,
			categoryIds: RANGES.filter(({ brands }) => brands.includes(key)).map(range =>
				buildCategoryId(range.categoryKey)
			)
		}))
	});
	await call(broker, "tags.import", {
		tags: TAGS.map(({ key, name, color }) => ({ id: buildDemoId(`tag ${key}`), name, color }))
	});
	await call(broker, "attributes.import", {
		attributes: collectAttributes().map(({ categoryKey, ...attribute }) => ({
			...attribute,
			id: buildDemoId(`attribute ${attribute.name}`),
			categoryId: categoryKey === null ? null : buildCategoryId(categoryKey)
		}))
	});
}

async function loadProducts(
	broker: ServiceBroker,
	batch: readonly { readonly product: DemoProduct; readonly n: number }[]
): Promise<void> {
	const products = batch.map(({ product, n }) => toImportedProduct(product, buildDemoId(product.key, n)));
	await call(broker, "products.import", { products }, CALL_OPTIONS);
	const items = batch.flatMap(({ product, n }) =>
		product.skus.map(({ stock }, i) => ({
			skuId: buildDemoSkuId(product.key, n, i),
			available: stock
		}))
	);
	for (let from = 0; from < items.length; from += SKUS_PER_CALL)
		await call(
			broker,
			"inventory.seed",
			{ items: items.slice(from, from + SKUS_PER_CALL) },
			CALL_OPTIONS
		);
}

/** Adds promotions, coupon templates, member levels and price lists. They name products of the first round of ranges. */
async function loadOffers(broker: ServiceBroker): Promise<void> {
	const products = [...generateProducts(RANGES.length)];
	const prices = new Map(
		products.flatMap(({ key, skus }, n) =>
			skus.map(({ price }, sku) => [buildDemoSkuId(key, n, sku), price] as const)
		)
	);
	const ids: DemoIds = {
		category: buildCategoryId,
		sku: (n, sku) => buildDemoSkuId(products[n]?.key ?? "", n, sku),
		level: key => buildDemoId(`level ${key}`)
	};
	await call(broker, "members.import", {
		levels: DEMO_LEVELS.map(({ key, ...level }) => ({ ...level, id: ids.level(key) })),
		priceLists: buildDemoPriceLists(ids, skuId => prices.get(skuId) ?? 0).map(({ key, ...list }) => ({
			...list,
			id: buildDemoId(`price list ${key}`)
		}))
	});
	await call(broker, "promotions.import", {
		promotions: buildDemoPromotions(ids).map(({ key, ...promotion }) => ({
			...promotion,
			id: buildDemoId(`promotion ${key}`)
		}))
	});
	await call(broker, "coupons.import", {
		templates: DEMO_COUPON_TEMPLATES.map(({ key, ...template }) => ({
			...template,
			id: buildDemoId(`coupon ${key}`)
		}))
	});
}

/** One SKU each of the cheaper products of the first load, of which there are plenty. */
export const listCheapDemoSkus = (): string[] =>
	[...generateProducts(FIRST_START_PRODUCTS)].flatMap(({ key, skus }, n) => {
		const cheap = skus.findIndex(({ price, stock }) => price <= CHEAP && stock >= PLENTY);
		return cheap < 0 ? [] : [buildDemoSkuId(key, n, cheap)];
	});
/** In fen. */
const CHEAP = 30_000;
const PLENTY = 20;

const buildDemoSkuId = (productKey: string, n: number, sku: number) =>
	`${buildDemoId(productKey, n)}-${sku + 1}`;

function toImportedProduct(
	{ key: _key, categoryKey, brandKey, tags, skus, ...product }: DemoProduct,
	id: string
) {
	return {
		...product,
		id,
		categoryId: buildCategoryId(categoryKey),
		categoryPath: pathOf(categoryKey),
		brandId: buildDemoId(`brand ${brandKey}`),
		tagIds: tags.map(tag => buildDemoId(`tag ${tag}`)),
		sales: 0,
		rating: 0,
		skus: skus.map(({ stock, name, ...sku }) => ({
			...sku,
			// Shops show a SKU's own name after the name of its product: drop the part that repeats it.
			name: name.startsWith(product.name) ? name.slice(product.name.length).trim() : name,
			stock: toStockLevel(stock, configKeys["inventory.lowStockAt"].initial)
		}))
	};
}

function pathOf(key: string): string[] {
	const category = CATEGORIES.find(c => c.key === key);
	return [buildCategoryId(key), ...(category?.parentKey ? pathOf(category.parentKey) : [])];
}
