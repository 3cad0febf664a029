import type { AttributeView } from "../../schemas/attributes.contract";
import { checkAttributes } from "./attribute-rules.domain";
import type { Sku } from "./product.domain";

const anAttribute = (more: Partial<AttributeView> = {}): AttributeView => ({
	id: "a",
	name: "颜色",
	categoryId: null,
	kind: "sale",
	input: "select",
	values: ["黑", "白"],
	unit: null,
	required: true,
	facet: false,
	createdAt: "",
	updatedAt: "",
	...more
});
const aSku = (attributes: Record<string, string>): Sku => ({
	id: "P-1",
	code: "a",
	name: null,
	price: 1,
	marketPrice: null,
	image: null,
	attributes,
	level: "out",
	levelVersion: 0,
	pairs: []
});
const faults = (declared: AttributeView[], attributes: Record<string, string>, skus: Sku[]): unknown => {
	try {
		checkAttributes(declared, { attributes, skus });
		return [];
	} catch (err) {
		return (err as { data: { field: string; type: string }[] }).data.map(({ field, type }) => [
			field,
			type
		]);
	}
};

it("names every SKU that lacks a required attribute or has a value that is none of its", () => {
	const found = faults([anAttribute()], {}, [aSku({}), aSku({ 颜色: "红" }), aSku({ 颜色: "黑" })]);

	expect(found).toEqual([
		["skus[0].attributes.颜色", "required"],
		["skus[1].attributes.颜色", "enum"]
	]);
});

it("looks for spec attributes on the product, and takes only numbers for numbers", () => {
	const weight = anAttribute({ name: "重量", kind: "spec", input: "number", values: [] });

	expect(faults([weight], {}, [aSku({})])).toEqual([["attributes.重量", "required"]]);
	expect(faults([weight], { 重量: "heavy" }, [aSku({})])).toEqual([["attributes.重量", "number"]]);
	expect(faults([weight], { 重量: "1.5" }, [aSku({})])).toEqual([]);
});

it("goes by the nearest category's declaration of a name, and lets undeclared attributes be", () => {
	const near = anAttribute({ required: false, values: ["红"] });

	expect(faults([near, anAttribute()], { 产地: "杭州" }, [aSku({}), aSku({ 颜色: "红" })])).toEqual([]);
});
