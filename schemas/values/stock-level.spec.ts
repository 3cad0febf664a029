import { toStockLevel } from "./stock-level";

it.each([
	[0, "out"],
	[1, "low"],
	[10, "low"],
	[11, "in"]
])("calls %d units of a SKU that is low at 10 %s", (available, level) => {
	expect(toStockLevel(available, 10)).toBe(level);
});
