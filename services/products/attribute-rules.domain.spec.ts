import type { AttributeView } from "../../schemas/attributes.contract";
import { checkAttributes, type AttributesWithDeclarations } from "./attribute-rules.domain";
import type { Sku } from "./sku.domain";

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
const aSku = (attributes: Record<string, string>, n = 1): Sku => ({
	id: `P-${n}`,
	code: `${n}`,
	codeKey: `${n}`,
	name: null,
	price: 1,
	marketPrice: null,
	image: null,
	attributes,
	level: "out",
	levelVersion: 0,
	pairs: []
});
const found = (...given: Parameters<typeof checkAttributes>): unknown => {
	try {
		checkAttributes(...given);
		return [];
	} catch (err) {
		return (err as { data: { field: string; type: string }[] }).data.map(({ field, type }) => [
			field,
			type
		]);
	}
};
const faults = (declared: AttributeView[], attributes: Record<string, string>, skus: Sku[]) =>
	found({ declared, attributes, skus });

it("names every SKU that lacks a required attribute or has a value that is not declared", () => {
	const skus = [aSku({}), aSku({ 颜色: "红" }, 2), aSku({ 颜色: "黑" }, 3)];

	expect(faults([anAttribute()], {}, skus)).toEqual([
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

it("applies the nearest category's declaration of a name, and ignores undeclared attributes", () => {
	const near = anAttribute({ required: false, values: ["红"] });

	expect(faults([near, anAttribute()], { 产地: "杭州" }, [aSku({}), aSku({ 颜色: "红" })])).toEqual([]);
});

describe("an edit of a product that breaks a later declaration", () => {
	const colour = anAttribute();
	const origin = anAttribute({ id: "b", name: "产地", kind: "spec", input: "text", values: [] });
	const before: AttributesWithDeclarations = {
		declared: [colour, origin],
		attributes: {},
		skus: [aSku({}, 1), aSku({ 颜色: "红" }, 2)]
	};
	const after = (more: Partial<AttributesWithDeclarations>) => found({ ...before, ...more }, { before });

	it("passes where it changes something else", () => {
		expect(after({})).toEqual([]);
		expect(after({ attributes: { 工艺: "手工" } })).toEqual([]);
		expect(after({ skus: [...before.skus, aSku({ 颜色: "黑" }, 3)] })).toEqual([]);
		expect(after({ skus: before.skus.slice(1) })).toEqual([]);
		expect(after({ attributes: { 产地: "杭州" } })).toEqual([]);
	});

	it("is refused for faults that it causes itself", () => {
		const whole = { ...before, attributes: { 产地: "杭州" } };

		expect(after({ skus: [aSku({}, 3), ...before.skus] })).toEqual([
			["skus[0].attributes.颜色", "required"]
		]);
		expect(after({ skus: [aSku({ 颜色: "绿" }, 1), aSku({ 颜色: "蓝" }, 2)] })).toEqual([
			["skus[0].attributes.颜色", "enum"],
			["skus[1].attributes.颜色", "enum"]
		]);
		expect(found(before, { before: whole })).toEqual([["attributes.产地", "required"]]);
	});

	it("is refused for faults by the declarations of a category that it chooses", () => {
		const size = anAttribute({ id: "c", name: "尺码", values: [] });

		expect(after({ declared: [colour, origin, size] })).toEqual([
			["skus[0].attributes.尺码", "required"],
			["skus[1].attributes.尺码", "required"]
		]);
	});

	it("names the field as the caller sent it, where only one SKU was sent", () => {
		const skus = [...before.skus, aSku({}, 3)];

		expect(found({ ...before, skus }, { before, skuId: "P-3" })).toEqual([
			["attributes.颜色", "required"]
		]);
	});
});
