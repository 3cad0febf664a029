import { changesScope, scopesOf, type Attribute } from "./attribute.domain";

const anAttribute = (more: Partial<Attribute> = {}): Attribute => ({
	_id: "a",
	name: "颜色",
	categoryId: "phones",
	kind: "sale",
	input: "text",
	values: [],
	unit: null,
	required: false,
	facet: false,
	createdAt: new Date(0),
	updatedAt: new Date(0),
	...more
});

it("has the scope of now, and each one of before once", () => {
	const was = [
		{ name: "颜色", categoryId: null },
		{ name: "颜色", categoryId: "phones" },
		{ name: "色", categoryId: "phones" }
	];

	expect(scopesOf(anAttribute())).toEqual([{ name: "颜色", categoryId: "phones" }]);
	expect(scopesOf(anAttribute({ formerScopes: was }))).toEqual([
		{ name: "颜色", categoryId: "phones" },
		{ name: "颜色", categoryId: null },
		{ name: "色", categoryId: "phones" }
	]);
});

it.each([
	[{ name: "色" }, true],
	[{ categoryId: null }, true],
	[{ categoryId: "tea", name: "颜色" }, true],
	[{ name: "颜色", categoryId: "phones" }, false],
	[{ required: true, values: ["黑"] }, false]
])("by %j changes its scope: %s", (patch, changes) => {
	expect(changesScope(anAttribute(), patch)).toBe(changes);
});
