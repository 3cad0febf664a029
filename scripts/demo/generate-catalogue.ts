import { buildPicturePath, buildSeed } from "../../services/demo-pictures/picture.domain";
import { BRANDS, CATEGORIES, TAGS, type DemoBrand, type DemoCategory, type DemoTag } from "./assortment";
import { COLOURS, RANGES, type Range } from "./product-ranges";

export type DemoAttribute = {
	readonly name: string;
	/** Lowest category above all that use the attribute; null where they have none in common. */
	readonly categoryKey: string | null;
	readonly kind: "sale" | "spec";
	readonly input: "select";
	readonly values: readonly string[];
	readonly facet: boolean;
};

type Attributes = Readonly<Record<string, string>>;

export type DemoSku = {
	readonly code: string;
	readonly name: string;
	readonly price: number;
	readonly marketPrice: number;
	readonly attributes: Attributes;
	readonly stock: number;
	readonly image: string;
};

export type DemoProduct = {
	readonly key: string;
	readonly name: string;
	readonly subtitle: string;
	readonly categoryKey: string;
	readonly brandKey: string;
	readonly description: string;
	readonly attributes: Attributes;
	readonly tags: readonly string[];
	readonly images: readonly string[];
	readonly skus: readonly DemoSku[];
};

export type DemoCatalogue = {
	readonly categories: readonly DemoCategory[];
	readonly brands: readonly DemoBrand[];
	readonly tags: readonly DemoTag[];
	readonly attributes: readonly DemoAttribute[];
	readonly products: readonly DemoProduct[];
};

export const generateCatalogue = (count = 120): DemoCatalogue => ({
	categories: CATEGORIES,
	brands: BRANDS,
	tags: TAGS,
	attributes: collectAttributes(),
	products: [...generateProducts(count)]
});

/** Generates one product at a time, so that memory does not grow with `count`. Product n is the same for every count. */
export function* generateProducts(count: number): Generator<DemoProduct, void, undefined> {
	for (let index = 0; index < count; index++) yield generateProduct(index);
}

/** Every attribute of the products, each once. */
export function collectAttributes(): DemoAttribute[] {
	const found = new Map<string, DemoAttribute>();
	for (const { categoryKey, style, size, specs } of RANGES) {
		const own = [style, size].map(option => ({ ...option, kind: "sale" as const }));
		for (const { name, values, kind } of [
			...own,
			...specs.map(option => ({ ...option, kind: "spec" as const }))
		]) {
			const known = found.get(name);
			found.set(name, {
				name,
				categoryKey: known ? findCommonAncestor(known.categoryKey, categoryKey) : categoryKey,
				kind,
				input: "select",
				values: [...new Set([...(known?.values ?? []), ...values])],
				facet: true
			});
		}
	}
	return [...found.values()];
}

function generateProduct(index: number): DemoProduct {
	const random = mulberry32(index + 1);
	const range = atCyclic(RANGES, index);
	const words = chooseWords(range, Math.floor(index / RANGES.length));
	const brand = BRANDS.find(({ key }) => key === words.brandKey)?.name ?? words.brandKey;
	const name = buildName(range, brand, words);
	const hue = Math.floor(random() * 360);
	const picture = (label: string, style: string) =>
		buildPicturePath({ seed: buildSeed(range.categoryKey, hue, COLOURS[style]), label });

	const styles = pickNeighbours(range.style.values, 2 + Math.floor(random() * 2), random);
	const sizes = pickNeighbours(range.size.values, 1 + Math.floor(random() * 2), random, "in order");
	const [cheapest, dearest] = range.price;
	const base = cheapest * (dearest / cheapest) ** random();
	const markup = 1.1 + random() * 0.35;
	const variants = styles.flatMap(style => sizes.map(size => ({ style, size })));
	const skus = variants.map(({ style, size }, n): DemoSku => {
		const price = base * (1 + range.size.step * range.size.values.indexOf(size));
		return {
			code: `${range.categoryKey.toUpperCase()}-${index.toString(36).toUpperCase().padStart(5, "0")}-${n + 1}`,
			name: `${name} ${style} ${size}`,
			price: roundPrice(price),
			marketPrice: roundPrice(price * markup),
			attributes: { [range.style.name]: style, [range.size.name]: size },
			// A newcomer orders the first SKU, more than once.
			stock: Math.max(chooseStock(random()), n === 0 ? PLENTY : 0),
			image: picture(`${words.noun} ${style}`, style)
		};
	});

	const praise = pickNeighbours(range.praise, 3, random);
	const specs = Object.fromEntries(range.specs.map(spec => [spec.name, pick(spec.values, random)]));
	const described = Object.entries(specs).map(([spec, value]) => `${spec}：${value}`);
	return {
		key: `p-${String(index).padStart(6, "0")}`,
		name,
		subtitle: `${range.categoryKey === "book" ? words.noun : words.feature}｜${praise[0]?.replace(/。$/, "")}`,
		categoryKey: range.categoryKey,
		brandKey: words.brandKey,
		description: `${name}。${praise.join("")}${described.join("，")}。${styles.join("、")}可选，七天无理由退换，${brand}官方直发。`,
		attributes: specs,
		tags: pickNeighbours(TAGS, Math.floor(random() * 3), random).map(tag => tag.key),
		images: [picture(`${brand} ${words.noun}`, styles[0] ?? ""), ...new Set(skus.map(sku => sku.image))],
		skus
	};
}

type Words = ReturnType<typeof chooseWords>;

/**
 * The nth combination of a range's words: a mixed-radix number whose digits are the words. Each digit is rotated by the value
 * of the digits below it, so that neighbours differ in every word and no combination comes twice. After the last combination
 * the edition goes up.
 */
function chooseWords({ brands, series, features, nouns }: Range, nth: number) {
	let below = 1;
	const next = (list: readonly string[]) => {
		const word = atCyclic(list, Math.floor(nth / below) + (nth % below) * ROTATION);
		below *= list.length;
		return word;
	};
	return {
		brandKey: next(brands),
		noun: next(nouns),
		feature: next(features),
		series: next(series),
		edition: Math.floor(nth / below) + 1
	};
}
/** Coprime to the length of every list, so that the rotation reaches every word. */
const ROTATION = 7;

function buildName({ categoryKey }: Range, brand: string, { series, feature, noun, edition }: Words): string {
	const later = edition > 1 ? ` 第${edition}版` : "";
	if (categoryKey === "book") return `${brand}《${series}${feature}》${noun}${later}`;
	return `${brand} ${series} ${feature}${noun}${later}`;
}

/** Rounds to a price as shops like it (15.90, 189, 3499), in fen. */
function roundPrice(yuan: number): number {
	if (yuan < 100) return Math.floor(yuan) * 100 + 90;
	const round = yuan < 1000 ? 10 : 100;
	return (Math.ceil(yuan / round) * round - 1) * 100;
}

const PLENTY = 50;

/** Units in stock for a random number: 5 % none, 8 % up to 5, the others from 20. */
function chooseStock(chance: number): number {
	if (chance < 0.05) return 0;
	return chance < 0.13 ? 1 + Math.floor((chance - 0.05) * 60) : 20 + Math.floor((chance - 0.13) * 900);
}

function findCommonAncestor(a: string | null, b: string | null): string | null {
	const above = new Set(ancestorsOf(a));
	return ancestorsOf(b).find(key => above.has(key)) ?? null;
}

function ancestorsOf(key: string | null): string[] {
	const category = CATEGORIES.find(candidate => candidate.key === key);
	return category ? [category.key, ...ancestorsOf(category.parentKey)] : [];
}

/** The item at the index modulo the length; throws for an empty list. */
function atCyclic<T>(list: readonly T[], index: number): T {
	const item = list[index % list.length];
	if (item === undefined) throw new RangeError("An empty list has nothing to pick");
	return item;
}

const pick = <T>(list: readonly T[], random: () => number): T =>
	atCyclic(list, Math.floor(random() * list.length));

/** Picks adjacent items from a random place on; past the end it goes on at the start, unless asked for `in order`. */
function pickNeighbours<T>(
	list: readonly T[],
	wanted: number,
	random: () => number,
	order?: "in order"
): T[] {
	const length = Math.min(wanted, list.length);
	const start = Math.floor(random() * (order ? list.length - length + 1 : list.length));
	return Array.from({ length }, (_, i) => atCyclic(list, start + i));
}

/** The mulberry32 generator by Tommy Ettinger: seeded, so that the demo is the same on every machine. */
function mulberry32(seed: number): () => number {
	let state = Math.imul(seed, 0x9e3779b1);
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
