import { createHash } from "node:crypto";
import type { ServiceBroker } from "moleculer";
import { encodeTime } from "ulid";
import { DuplicateKey, type Collection } from "../../infrastructure/documents/collection";
import { configKeys } from "../../schemas/config-keys";
import { call } from "../../schemas/registry";
import { toStockLevel } from "../../schemas/stock-level";
import { BRANDS, CATEGORIES, TAGS } from "./assortment";
import { demoAttributes, demoProducts, type DemoProduct } from "./generate-catalogue";
import { RANGES } from "./product-ranges";

/** Services that `loadDemo` writes to. */
export const DEMO_SERVICES = ["categories", "brands", "tags", "attributes", "products", "inventory"] as const;

export type Progress = (done: number, total: number) => void;

/** How many products the first start brings. */
const FIRST_START = 120;
const PRODUCTS_AT_ONCE = 250;
const SKUS_AT_ONCE = 200;
/** A batch on a slow disk. */
const PATIENCE = { timeout: 60_000 };
/** Demo entries are older than all that is entered, and each as many seconds younger as its number. */
const SINCE = Date.UTC(2024, 0, 1);
/** As in ULIDs. */
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The same id for the same key in every shop, of the form and order of all ids. */
export function demoId(key: string, n = 0): string {
	const hash = createHash("sha256").update(key).digest().subarray(0, 16);
	return encodeTime(SINCE + n * 1000, 10) + Array.from(hash, byte => DIGITS[byte % 32]).join("");
}

/** Loads the demo catalogue with this many products and their stock; what is there already stays as it is. */
export async function loadDemo(
	broker: ServiceBroker,
	count: number,
	onProgress: Progress = () => undefined
): Promise<void> {
	await broker.waitForServices([...DEMO_SERVICES]);
	await loadFamilies(broker);
	let batch: { product: DemoProduct; n: number }[] = [];
	let n = 0;
	for (const product of demoProducts(count)) {
		batch.push({ product, n: n++ });
		if (batch.length < PRODUCTS_AT_ONCE && n < count) continue;
		await loadProducts(broker, batch);
		batch = [];
		onProgress(n, count);
	}
}

/** That the first load was begun, and when it came to its end. */
export type DemoLoad = { readonly _id: "first"; readonly finishedAt: Date | null };

/**
 * The first start of an empty shop brings the demo catalogue; a start that was cut off is made up for by the next one. What
 * staff removed later does not come again. Several processes at once may all load: each adds only what is missing.
 */
export async function loadDemoOnce(broker: ServiceBroker, loads: Collection<DemoLoad>): Promise<boolean> {
	await broker.waitForServices([...DEMO_SERVICES]);
	const begun = await loads.findOne({ _id: "first" });
	if (begun?.finishedAt) return false;
	if (!begun) {
		const { total } = await call(broker, "categories.list", {});
		if (total > 0) return false; // a catalogue of the shop's own
		await loads.insert({ _id: "first", finishedAt: null }).catch((err: unknown) => {
			if (!(err instanceof DuplicateKey)) throw err;
		});
	}
	await loadDemo(broker, FIRST_START);
	await loads.change({ _id: "first" }, { $set: { finishedAt: new Date() } });
	return true;
}

const categoryId = (key: string) => demoId(`category ${key}`);

async function loadFamilies(broker: ServiceBroker): Promise<void> {
	await call(broker, "categories.import", {
		categories: CATEGORIES.map(({ key, name, parentKey, sort, icon }) => ({
			id: categoryId(key),
			name,
			parentId: parentKey === null ? null : categoryId(parentKey),
			sort,
			icon
		}))
	});
	await call(broker, "brands.import", {
		brands: BRANDS.map(({ key, name, logo, description }) => ({
			id: demoId(`brand ${key}`),
			name,
			logo,
			description,
			categoryIds: RANGES.filter(({ brands }) => brands.includes(key)).map(range =>
				categoryId(range.categoryKey)
			)
		}))
	});
	await call(broker, "tags.import", {
		tags: TAGS.map(({ key, name, color }) => ({ id: demoId(`tag ${key}`), name, color }))
	});
	await call(broker, "attributes.import", {
		attributes: demoAttributes().map(({ categoryKey, ...attribute }) => ({
			...attribute,
			id: demoId(`attribute ${attribute.name}`),
			categoryId: categoryKey === null ? null : categoryId(categoryKey)
		}))
	});
}

async function loadProducts(
	broker: ServiceBroker,
	batch: readonly { readonly product: DemoProduct; readonly n: number }[]
): Promise<void> {
	const products = batch.map(({ product, n }) => imported(product, demoId(product.key, n)));
	await call(broker, "products.import", { products }, PATIENCE);
	const items = batch.flatMap(({ product, n }) =>
		product.skus.map(({ stock }, i) => ({
			skuId: `${demoId(product.key, n)}-${i + 1}`,
			available: stock
		}))
	);
	for (let from = 0; from < items.length; from += SKUS_AT_ONCE)
		await call(broker, "inventory.seed", { items: items.slice(from, from + SKUS_AT_ONCE) }, PATIENCE);
}

function imported({ key: _key, categoryKey, brandKey, tags, skus, ...product }: DemoProduct, id: string) {
	return {
		...product,
		id,
		categoryId: categoryId(categoryKey),
		categoryPath: pathOf(categoryKey),
		brandId: demoId(`brand ${brandKey}`),
		tagIds: tags.map(tag => demoId(`tag ${tag}`)),
		sales: 0,
		rating: 0,
		skus: skus.map(({ stock, name, ...sku }) => ({
			...sku,
			// A SKU's own name stands behind the product's wherever both are shown.
			name: name.startsWith(product.name) ? name.slice(product.name.length).trim() : name,
			stock: toStockLevel(stock, configKeys["inventory.lowStockAt"].initial)
		}))
	};
}

function pathOf(key: string): string[] {
	const category = CATEGORIES.find(c => c.key === key);
	return [categoryId(key), ...(category?.parentKey ? pathOf(category.parentKey) : [])];
}
