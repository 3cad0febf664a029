import fc from "fast-check";
import type { NewSku } from "../../schemas/products.contract";
import { before, created, derive, pairOf, productOf, skuId, type Product } from "./product.domain";
import { editing, newSkus, patched, withoutSku, withSku, withSkuPatched } from "./sku.domain";

const aSku = (code: string, more: Partial<NewSku> = {}): NewSku => ({
	code,
	price: 100,
	attributes: { 款号: code },
	...more
});
const aProduct = (skus: NewSku[] = [aSku("a"), aSku("b")], more: Partial<Product> = {}): Product => ({
	...created(
		"P",
		{
			name: "茶杯",
			subtitle: null,
			description: null,
			images: [],
			attributes: { 产地: "景德镇" },
			tagIds: [],
			categoryId: "c",
			categoryPath: ["c", "top"],
			hidden: false,
			brandId: null,
			skus: newSkus("P", skus)
		},
		new Date(0)
	),
	...more
});
const LATER = new Date(1000);

it.each([
	["pending", ["draft", "rejected"]],
	["approved", ["pending"]],
	["rejected", ["pending"]],
	["on_shelf", ["approved", "off_shelf"]],
	["off_shelf", ["on_shelf"]]
] as const)("comes to %s from %j only", (to, from) => {
	expect(before(to).sort()).toEqual([...from].sort());
});

it("finds a SKU's product in its id, whatever the product's id looks like", () => {
	fc.assert(
		fc.property(fc.stringMatching(/^[\w-]{1,20}$/), fc.nat(), (productId, n) => {
			expect(productOf(skuId(productId, n))).toBe(productId);
		})
	);
});

it("has the price of its cheapest SKU and is in stock when any SKU is", () => {
	const product = aProduct([aSku("a", { price: 300 }), aSku("b", { price: 200, marketPrice: 250 })]);
	const [a, b] = product.skus;

	const derived = derive({ ...product, skus: [{ ...a!, level: "low" }, b!] });

	expect(derived).toMatchObject({ lowestPrice: 200, marketPrice: 250, inStock: true });
	expect(derive(product).inStock).toBe(false);
});

it("gives each SKU the product's attributes beside its own to be found by", () => {
	const [black, bare] = [aSku("a", { attributes: { 颜色: "黑" } }), aSku("b", { attributes: {} })];

	const { skus, pairs } = derive(aProduct([black, bare]));

	expect(skus.map(sku => sku.pairs)).toEqual([["产地=景德镇", "颜色=黑"], ["产地=景德镇"]]);
	expect([...pairs].sort()).toEqual(["产地=", "产地=景德镇", "颜色=", "颜色=黑"].sort());
});

it("has a pair of its own for every name and value, whatever signs are in them", () => {
	const sign = fc.string({ unit: fc.constantFrom("=", "\\", "a"), maxLength: 4 });
	fc.assert(
		fc.property(sign, sign, sign, sign, (name, value, otherName, otherValue) => {
			const same = name === otherName && value === otherValue;

			expect(pairOf(name, value) === pairOf(otherName, otherValue)).toBe(same);
		})
	);
	expect(derive(aProduct([aSku("a", { attributes: { "a=b": "c" } })])).pairs).toEqual([
		"产地=景德镇",
		"a\\=b=c",
		"产地=",
		"a\\=b="
	]);
});

it("tells of a change once, and of each price that changed", () => {
	const product = aProduct();

	const { set, facts } = editing(product, withSkuPatched(product, "P-2", { price: 90 }), LATER);

	expect(set).toMatchObject({ version: 2, lowestPrice: 90, updatedAt: LATER });
	expect(facts.map(f => [f.event, f.payload])).toEqual([
		["product.changed", { productId: "P", version: 2 }],
		["sku.price_changed", { productId: "P", skuId: "P-2", from: 100, to: 90 }]
	]);
});

it("changes nothing that a patch does not name", () => {
	const product = aProduct();

	expect(patched(product, { subtitle: "neu" })).toEqual({ subtitle: "neu" });
});

it("refuses a code twice in one product, and to lose the last SKU", () => {
	const product = aProduct();

	expect(() => withSku(product, aSku("a"))).toThrow(expect.objectContaining({ type: "DUPLICATE" }));
	expect(() => withSkuPatched(product, "P-1", { code: "b" })).toThrow(
		expect.objectContaining({ type: "DUPLICATE" })
	);
	expect(() => withoutSku(aProduct([aSku("a")]), "P-1")).toThrow(
		expect.objectContaining({ type: "INVALID_STATE" })
	);
});

describe("two SKUs with the same attributes", () => {
	const black = { 颜色: "黑", 尺码: "S" };
	const same = { 尺码: "S", 颜色: "黑" };
	const duplicate = (...codes: string[]) =>
		expect.objectContaining({ type: "DUPLICATE", data: { field: "attributes", codes } });
	/** As it was stored before twins were refused. */
	const withTwins = () => {
		const product = aProduct([aSku("a", { attributes: black }), aSku("b"), aSku("c")]);
		const skus = product.skus.map(sku => (sku.code === "b" ? { ...sku, attributes: same } : sku));
		return { ...product, skus };
	};

	it("are refused in whatever order the attributes are named, and so are two without any", () => {
		expect(() =>
			newSkus("P", [aSku("a", { attributes: black }), aSku("b", { attributes: same })])
		).toThrow(duplicate("a", "b"));
		expect(() =>
			newSkus("P", [aSku("a", { attributes: {} }), aSku("b"), aSku("c", { attributes: {} })])
		).toThrow(duplicate("a", "c"));
		expect(newSkus("P", [aSku("a", { attributes: black }), aSku("b", { attributes: {} })])).toHaveLength(
			2
		);
	});

	it.each([
		["a blank at the end", { 颜色: "黑 ", 尺码: "S" }],
		["another width", { 颜色: "黑", 尺码: "Ｓ" }],
		["another case", { 颜色: "黑", 尺码: "s" }],
		["something invisible", { "颜\u200b色": "黑", 尺码: "S" }]
	])("are the same where the difference is %s", (_, attributes) => {
		expect(() => newSkus("P", [aSku("a", { attributes: black }), aSku("b", { attributes })])).toThrow(
			duplicate("a", "b")
		);
	});

	it("are refused when one is added, changed or sent with all the others", () => {
		const product = aProduct([aSku("a", { attributes: black }), aSku("b")]);

		expect(() => withSku(product, aSku("c", { attributes: same }))).toThrow(duplicate("a", "c"));
		expect(() => withSkuPatched(product, "P-2", { attributes: same })).toThrow(duplicate("a", "b"));
		expect(() =>
			patched(product, { skus: [aSku("a", { attributes: black }), aSku("c", { attributes: same })] })
		).toThrow(duplicate("a", "c"));
		expect(
			patched(product, { skus: [aSku("c", { attributes: same }), aSku("b")] }).skus?.map(
				sku => sku.code
			)
		).toEqual(["c", "b"]);
	});

	it("that are there already stop no edit but one that makes a third or moves one onto them", () => {
		const product = withTwins();
		const sent = (more: NewSku) => [
			aSku("a", { attributes: black }),
			aSku("b", { attributes: same }),
			more
		];

		expect(withSkuPatched(product, "P-1", { price: 5 }).skus?.[0]?.price).toBe(5);
		expect(withSkuPatched(product, "P-1", { attributes: same }).skus).toHaveLength(3);
		expect(withSku(product, aSku("d")).skus).toHaveLength(4);
		expect(withoutSku(product, "P-3").skus).toHaveLength(2);
		expect(patched(product, { skus: sent(aSku("c", { price: 7 })) }).skus).toHaveLength(3);
		expect(() => withSku(product, aSku("d", { attributes: black }))).toThrow(duplicate("a", "b", "d"));
		expect(() => withSkuPatched(product, "P-3", { attributes: black })).toThrow(duplicate("a", "b", "c"));
	});
});

it("gives no SKU the number of another, present or former, whatever is sent", () => {
	const codes = fc.uniqueArray(fc.constantFrom(..."abcdefgh".split("")), { minLength: 1, maxLength: 6 });
	fc.assert(
		fc.property(fc.array(codes, { maxLength: 8 }), rounds => {
			let product = aProduct();
			const codeOf = new Map(product.skus.map(sku => [sku.id, sku.code]));
			for (const round of rounds) {
				product = { ...product, ...patched(product, { skus: round.map(code => aSku(code)) }) };

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
