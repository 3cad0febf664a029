import fc from "fast-check";
import type { NewSku } from "../../schemas/products.inputs";
import {
	addSku,
	buildSkuId,
	createSkus,
	patchSku,
	productIdOf,
	removeSku,
	replaceSkus,
	type SkuSet
} from "./sku.domain";

const aSku = (code: string, more: Partial<NewSku> = {}): NewSku => ({
	code,
	price: 100,
	attributes: { 款号: code },
	...more
});
const aSkuSet = (given: readonly NewSku[] = [aSku("a"), aSku("b")]): SkuSet => ({
	_id: "P",
	skus: createSkus("P", given),
	skuCounter: given.length,
	formerSkus: []
});

it("finds a SKU's product in its id, whatever the product's id looks like", () => {
	fc.assert(
		fc.property(fc.stringMatching(/^[\w-]{1,20}$/), fc.nat(), (productId, n) => {
			expect(productIdOf(buildSkuId(productId, n))).toBe(productId);
		})
	);
});

it("refuses a code twice in one product, and to lose the last SKU", () => {
	const product = aSkuSet();

	expect(() => addSku(product, aSku("a"))).toThrow(expect.objectContaining({ type: "DUPLICATE" }));
	expect(() => patchSku(product, "P-1", { code: "b" })).toThrow(
		expect.objectContaining({ type: "DUPLICATE" })
	);
	expect(() => removeSku(aSkuSet([aSku("a")]), "P-1")).toThrow(
		expect.objectContaining({ type: "LAST_ONE" })
	);
});

describe("two SKUs with the same attributes", () => {
	const black = { 颜色: "黑", 尺码: "S" };
	const same = { 尺码: "S", 颜色: "黑" };
	const duplicate = (...codes: string[]) =>
		expect.objectContaining({ type: "DUPLICATE", data: { field: "attributes", codes } });
	/** A product as older versions stored it, which did not refuse twins. */
	const withTwins = () => {
		const product = aSkuSet([aSku("a", { attributes: black }), aSku("b"), aSku("c")]);
		const skus = product.skus.map(sku => (sku.code === "b" ? { ...sku, attributes: same } : sku));
		return { ...product, skus };
	};

	it("are refused in whatever order the attributes are named, and so are two without any", () => {
		expect(() =>
			createSkus("P", [aSku("a", { attributes: black }), aSku("b", { attributes: same })])
		).toThrow(duplicate("a", "b"));
		expect(() =>
			createSkus("P", [aSku("a", { attributes: {} }), aSku("b"), aSku("c", { attributes: {} })])
		).toThrow(duplicate("a", "c"));
		expect(
			createSkus("P", [aSku("a", { attributes: black }), aSku("b", { attributes: {} })])
		).toHaveLength(2);
	});

	it.each([
		["a blank at the end", { 颜色: "黑 ", 尺码: "S" }],
		["another width", { 颜色: "黑", 尺码: "Ｓ" }],
		["another case", { 颜色: "黑", 尺码: "s" }],
		["something invisible", { "颜\u200b色": "黑", 尺码: "S" }]
	])("are the same where the difference is %s", (_, attributes) => {
		expect(() => createSkus("P", [aSku("a", { attributes: black }), aSku("b", { attributes })])).toThrow(
			duplicate("a", "b")
		);
	});

	it("are refused when one is added, changed or sent with all the others", () => {
		const product = aSkuSet([aSku("a", { attributes: black }), aSku("b")]);

		expect(() => addSku(product, aSku("c", { attributes: same }))).toThrow(duplicate("a", "c"));
		expect(() => patchSku(product, "P-2", { attributes: same })).toThrow(duplicate("a", "b"));
		expect(() =>
			replaceSkus(product, [aSku("a", { attributes: black }), aSku("c", { attributes: same })])
		).toThrow(duplicate("a", "c"));
		expect(
			replaceSkus(product, [aSku("c", { attributes: same }), aSku("b")]).skus?.map(sku => sku.code)
		).toEqual(["c", "b"]);
	});

	it("that are there already stop no edit but one that makes a third or moves one onto them", () => {
		const product = withTwins();
		const sent = (more: NewSku) => [
			aSku("a", { attributes: black }),
			aSku("b", { attributes: same }),
			more
		];

		expect(patchSku(product, "P-1", { price: 5 }).skus?.[0]?.price).toBe(5);
		expect(patchSku(product, "P-1", { attributes: same }).skus).toHaveLength(3);
		expect(addSku(product, aSku("d")).skus).toHaveLength(4);
		expect(removeSku(product, "P-3").skus).toHaveLength(2);
		expect(replaceSkus(product, sent(aSku("c", { price: 7 }))).skus).toHaveLength(3);
		expect(() => addSku(product, aSku("d", { attributes: black }))).toThrow(duplicate("a", "b", "d"));
		expect(() => patchSku(product, "P-3", { attributes: black })).toThrow(duplicate("a", "b", "c"));
	});
});

it("gives no SKU the number of another, present or former, whatever is sent", () => {
	const codes = fc.uniqueArray(fc.constantFrom(..."abcdefgh".split("")), { minLength: 1, maxLength: 6 });
	fc.assert(
		fc.property(fc.array(codes, { maxLength: 8 }), rounds => {
			let product = aSkuSet();
			const codeOf = new Map(product.skus.map(sku => [sku.id, sku.code]));
			for (const round of rounds) {
				product = {
					...product,
					...replaceSkus(
						product,
						round.map(code => aSku(code))
					)
				};

				for (const { id, code } of product.skus) {
					expect(codeOf.get(id) ?? code).toBe(code);
					codeOf.set(id, code);
				}
				expect(product.skus.map(sku => sku.code)).toEqual(round);
				expect(product.formerSkus.some(f => product.skus.some(sku => sku.id === f.id))).toBe(false);
			}
		})
	);
});
