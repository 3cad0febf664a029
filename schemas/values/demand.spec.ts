import { findDemandField, sumDemand } from "./demand";

it("sums units per SKU, in the order of the first mention", () => {
	const lines = [
		{ skuId: "b", quantity: 1 },
		{ skuId: "a", quantity: 2 },
		{ skuId: "b", quantity: 3 }
	];

	expect(sumDemand(lines)).toEqual([
		{ skuId: "b", quantity: 4 },
		{ skuId: "a", quantity: 2 }
	]);
});

it("names the first line of a SKU, or the items where the cart was taken", () => {
	const items = ["a", "b", "b"].map(skuId => ({ skuId, quantity: 1 }));

	expect(findDemandField(items)("b")).toBe("items[1].quantity");
	expect(findDemandField(undefined)("b")).toBe("items");
});
