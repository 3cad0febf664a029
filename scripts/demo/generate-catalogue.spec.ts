import { parsePicturePath } from "../../services/demo-pictures/picture.domain";
import { generateCatalogue, generateProducts } from "./generate-catalogue";

const { categories, brands, tags, attributes, products } = generateCatalogue();
const skus = products.flatMap(product => product.skus);

const repeated = (values: Iterable<string>): string[] => {
	const seen = new Set<string>();
	return [...values].filter(value => seen.has(value) || !seen.add(value));
};

describe("the demo catalogue", () => {
	it("is the same each time, and product n does not depend on how many are asked for", () => {
		expect(generateCatalogue()).toEqual(generateCatalogue());
		expect([...generateProducts(7)]).toEqual(products.slice(0, 7));
	});

	it("has a tree of three levels in which every parent is one level up and stands before its children", () => {
		for (const { parentKey, level, key } of categories) {
			const parent = categories.findIndex(category => category.key === parentKey);
			expect(level === 1 ? parentKey : categories[parent]?.level).toBe(level === 1 ? null : level - 1);
			expect(parent).toBeLessThan(categories.findIndex(category => category.key === key));
		}
		expect(new Set(categories.map(({ level }) => level))).toEqual(new Set([1, 2, 3]));
	});

	it("gives every entry a name of its own", () => {
		for (const list of [categories, brands, tags])
			expect(repeated(list.map(({ key }) => key))).toEqual([]);
		for (const list of [brands, tags, attributes, products])
			expect(repeated(list.map(({ name }) => name))).toEqual([]);
		expect(brands.every(({ firstLetter }) => /^[A-Z]$/.test(firstLetter))).toBe(true);
	});

	it("has products of every leaf category and of every brand", () => {
		const leaves = categories.filter(({ level }) => level === 3).map(({ key }) => key);

		expect(new Set(products.map(({ categoryKey }) => categoryKey))).toEqual(new Set(leaves));
		expect(new Set(products.map(({ brandKey }) => brandKey))).toEqual(
			new Set(brands.map(({ key }) => key))
		);
	});

	it("uses only tags and attributes that exist, with their values, in the product's category or above", () => {
		const parents = new Map(categories.map(({ key, parentKey }) => [key, parentKey]));
		const above = (key: string | null | undefined): (string | null)[] =>
			key ? [key, ...above(parents.get(key))] : [null];

		for (const product of products) {
			expect(tags.map(({ key }) => key)).toEqual(expect.arrayContaining([...product.tags]));
			const used = [
				...Object.entries(product.attributes).map(([name, value]) => ({ name, value, kind: "spec" })),
				...product.skus.flatMap(sku =>
					Object.entries(sku.attributes).map(([name, value]) => ({ name, value, kind: "sale" }))
				)
			];
			for (const { name, value, kind } of used) {
				const attribute = attributes.find(candidate => candidate.name === name);
				expect(attribute).toMatchObject({ kind });
				expect(attribute?.values).toContain(value);
				expect(above(product.categoryKey)).toContain(attribute?.categoryKey);
			}
		}
	});

	it("gives a product two to six SKUs that differ, each priced below its market price", () => {
		for (const product of products) {
			expect(product.skus.length).toBeGreaterThanOrEqual(2);
			expect(product.skus.length).toBeLessThanOrEqual(6);
			expect(repeated(product.skus.map(sku => JSON.stringify(sku.attributes)))).toEqual([]);
		}
		for (const { price, marketPrice, stock } of skus) {
			expect([price, marketPrice, stock].every(Number.isSafeInteger)).toBe(true);
			expect(price).toBeGreaterThan(0);
			expect(marketPrice).toBeGreaterThanOrEqual(price);
		}
	});

	it("has stock of every sort: none, little and plenty", () => {
		const stocks = skus.map(({ stock }) => stock);

		expect(stocks).toContain(0);
		expect(stocks.some(stock => stock > 0 && stock <= 5)).toBe(true);
		expect(stocks.filter(stock => stock >= 20).length).toBeGreaterThan(skus.length / 2);
	});

	it("has a picture that can be drawn for every product, SKU, brand and category", () => {
		const paths = [
			...products.flatMap(({ images }) => images),
			...skus.map(({ image }) => image),
			...brands.map(({ logo }) => logo),
			...categories.map(({ icon }) => icon)
		];

		expect(paths.filter(path => !parsePicturePath(path))).toEqual([]);
	});

	it("keeps keys, names and codes unique among thousands", () => {
		const keys: string[] = [];
		const names: string[] = [];
		const codes: string[] = [];
		for (const product of generateProducts(20_000)) {
			keys.push(product.key);
			names.push(product.name);
			codes.push(...product.skus.map(({ code }) => code));
		}

		expect([repeated(keys), repeated(names), repeated(codes)]).toEqual([[], [], []]);
	});
});
