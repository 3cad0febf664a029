import fc from "fast-check";
import type { NewSku } from "../../schemas/products.inputs";
import {
	applyEdit,
	createDraft,
	deriveFields,
	patchProduct,
	statusesBefore,
	type Product
} from "./product.domain";
import { attributePair, createSkus, patchSku } from "./sku.domain";

const aSku = (code: string, more: Partial<NewSku> = {}): NewSku => ({
	code,
	price: 100,
	attributes: { 款号: code },
	...more
});
const aProduct = (skus: NewSku[] = [aSku("a"), aSku("b")], more: Partial<Product> = {}): Product => ({
	...createDraft(
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
			skus: createSkus("P", skus)
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
] as const)("changes to %s from %j only", (to, from) => {
	expect(statusesBefore(to).sort()).toEqual([...from].sort());
});

it("has the price of its cheapest SKU and is in stock when any SKU is", () => {
	const product = aProduct([aSku("a", { price: 300 }), aSku("b", { price: 200, marketPrice: 250 })]);
	const [a, b] = product.skus;

	const derived = deriveFields({ ...product, skus: [{ ...a!, level: "low" }, b!] });

	expect(derived).toMatchObject({ lowestPrice: 200, marketPrice: 250, inStock: true });
	expect(deriveFields(product).inStock).toBe(false);
});

it("gives each SKU the product's attributes beside its own to be found by", () => {
	const [black, bare] = [aSku("a", { attributes: { 颜色: "黑" } }), aSku("b", { attributes: {} })];

	const { skus, pairs } = deriveFields(aProduct([black, bare]));

	expect(skus.map(sku => sku.pairs)).toEqual([["产地=景德镇", "颜色=黑"], ["产地=景德镇"]]);
	expect([...pairs].sort()).toEqual(["产地=", "产地=景德镇", "颜色=", "颜色=黑"].sort());
});

it("has a pair of its own for every name and value, whatever signs are in them", () => {
	const sign = fc.string({ unit: fc.constantFrom("=", "\\", "a"), maxLength: 4 });
	fc.assert(
		fc.property(sign, sign, sign, sign, (name, value, otherName, otherValue) => {
			const same = name === otherName && value === otherValue;

			expect(attributePair(name, value) === attributePair(otherName, otherValue)).toBe(same);
		})
	);
	expect(deriveFields(aProduct([aSku("a", { attributes: { "a=b": "c" } })])).pairs).toEqual([
		"产地=景德镇",
		"a\\=b=c",
		"产地=",
		"a\\=b="
	]);
});

it("publishes one fact about the edit, and one about each changed price", () => {
	const product = aProduct();

	const { set, facts } = applyEdit(product, patchSku(product, "P-2", { price: 90 }), LATER);

	expect(set).toMatchObject({ version: 2, lowestPrice: 90, updatedAt: LATER });
	expect(facts.map(f => [f.event, f.payload])).toEqual([
		["product.changed", { productId: "P", version: 2 }],
		["sku.price_changed", { productId: "P", skuId: "P-2", from: 100, to: 90 }]
	]);
});

it("changes nothing that a patch does not name", () => {
	const product = aProduct();

	expect(patchProduct(product, { subtitle: "neu" })).toEqual({ subtitle: "neu" });
});
