import fc from "fast-check";
import {
	addCategory,
	patchCategory,
	isVisible,
	pathOf,
	removeCategory,
	subtreeOf,
	buildVisibleTree,
	type Category
} from "./category.domain";

const aCategory = (id: string, parentId: string | null = null, more: Partial<Category> = {}): Category => ({
	id,
	name: id,
	parentId,
	sort: 0,
	icon: null,
	visible: true,
	...more
});
const phones = [aCategory("a"), aCategory("b", "a"), aCategory("c", "b")];

it("refuses a fourth level", () => {
	expect(() => addCategory(phones, aCategory("d", "c"))).toThrow(
		expect.objectContaining({ type: "INVALID_STATE" })
	);
});

it("refuses a move that takes a category below to a fourth level", () => {
	const two = [...phones, aCategory("x"), aCategory("y", "x")];

	expect(() => patchCategory(two, "x", { parentId: "b" })).toThrow(
		expect.objectContaining({ type: "INVALID_STATE" })
	);
});

it.each(["a", "b", "c"])("refuses to move the top category under %s, itself or its own", parentId => {
	expect(() => patchCategory(phones, "a", { parentId })).toThrow(
		expect.objectContaining({ type: "INVALID_STATE" })
	);
});

it("refuses an unknown parent, naming the field", () => {
	expect(() => addCategory(phones, aCategory("d", "nowhere"))).toThrow(
		expect.objectContaining({
			type: "VALIDATION_ERROR",
			data: [expect.objectContaining({ field: "parentId" })]
		})
	);
});

it("refuses to remove a category with others under it", () => {
	expect(() => removeCategory(phones, "b")).toThrow(expect.objectContaining({ type: "IN_USE" }));
	expect(removeCategory(phones, "c").map(c => c.id)).toEqual(["a", "b"]);
});

it("may have the name of a sibling", () => {
	const all = addCategory([aCategory("a"), aCategory("b")], aCategory("c", null, { name: "a" }));

	expect(patchCategory(all, "b", { name: "a" }).map(({ name }) => name)).toEqual(["a", "a", "a"]);
});

it("leads from a category up to its root", () => {
	expect(pathOf(phones, "c")).toEqual(["c", "b", "a"]);
});

it("shows siblings by their sort, and hides what is under a hidden category", () => {
	const all = [
		aCategory("late", null, { sort: 2 }),
		aCategory("early", null, { sort: 1 }),
		aCategory("hidden", "early", { visible: false }),
		aCategory("below", "hidden")
	];

	const tree = buildVisibleTree(all);

	expect(tree.map(n => n.id)).toEqual(["early", "late"]);
	expect(tree[0]?.children).toEqual([]);
});

it("is visible only if all categories above are", () => {
	const all = [
		aCategory("top"),
		aCategory("hidden", "top", { visible: false }),
		aCategory("below", "hidden")
	];

	expect(["top", "hidden", "below"].map(id => isVisible(all, id))).toEqual([true, false, false]);
});

it("stays a tree of three levels through any additions and moves", () => {
	const step = fc.record({ id: fc.nat(8), parent: fc.option(fc.nat(8)) });
	fc.assert(
		fc.property(fc.array(step, { maxLength: 40 }), steps => {
			let all: Category[] = [];
			for (const { id, parent } of steps) {
				const name = `n${id}`;
				const parentId = parent === null ? null : `n${parent}`;
				try {
					all = all.some(c => c.id === name)
						? patchCategory(all, name, { parentId })
						: addCategory(all, aCategory(name, parentId));
				} catch (err) {
					expect(err).toHaveProperty("type");
				}
			}

			const reached = all.filter(c => c.parentId === null).flatMap(c => subtreeOf(all, c.id));

			expect(reached).toHaveLength(all.length);
			expect(all.every(c => pathOf(all, c.id).length <= 3)).toBe(true);
		})
	);
});
