import { countOrder, createTogether, type Together } from "./together.domain";

const after = (orders: readonly (readonly string[])[]): Together =>
	orders.reduce<Together>(
		(together, productIds, n) => ({ ...together, ...countOrder(together, `o${n}`, productIds) }),
		createTogether("tea")
	);

it("ranks other products by the orders that had both, never the product itself", () => {
	const { others } = after([
		["tea", "cup"],
		["tea", "pot", "cup"],
		["tea", "pot"],
		["cup", "tea"]
	]);

	expect(others).toEqual([
		{ productId: "cup", orders: 3 },
		{ productId: "pot", orders: 2 }
	]);
});

it("counts an order once", () => {
	const once = after([["tea", "cup"]]);

	expect(countOrder(once, "o0", ["tea", "cup"])).toBeNull();
});

it("keeps the most frequent of very many, and room for new ones", () => {
	const many = Array.from({ length: 150 }, (_, n) => ["tea", `p${n}`]);

	const { others } = after([["tea", "cup"], ["tea", "cup"], ...many]);

	expect(others).toHaveLength(100);
	expect(others[0]).toEqual({ productId: "cup", orders: 2 });
	expect(others.map(({ productId }) => productId)).toContain("p149");
});
