import { MAX_UNITS } from "./demand";
import { assertAvailable, joinGoods, toQuoteLines, type Goods } from "./goods";

const aSku = (skuId: string, more: Partial<Goods> = {}) => ({
	skuId,
	productId: `p-${skuId}`,
	name: `Tea ${skuId}`,
	image: null,
	attributes: {},
	code: `C-${skuId}`,
	price: 100,
	currency: "CNY",
	onShelf: true,
	limitPerUser: null,
	categoryIds: ["tea"],
	brandId: null,
	weight: 0,
	shippingRuleId: null,
	...more
});
const goods = joinGoods(
	[aSku("a"), aSku("b"), aSku("off", { onShelf: false })],
	[
		{ skuId: "a", available: 5 },
		{ skuId: "off", available: 5 }
	]
);
const demandOf = (quantity: number, ...skuIds: string[]) => skuIds.map(skuId => ({ skuId, quantity }));
const refusalOf = (quantity: number, ...skuIds: string[]) => {
	try {
		assertAvailable(demandOf(quantity, ...skuIds), goods, skuId => `field of ${skuId}`);
		return null;
	} catch (err) {
		const { type, data } = err as { type: string; data: unknown };
		return [type, data];
	}
};

it("joins SKUs with their stock, and gives 0 units to one without", () => {
	expect([goods.get("a")?.available, goods.get("b")?.available, goods.get("none")]).toEqual([
		5,
		0,
		undefined
	]);
});

it("allows demand up to the stock", () => {
	expect(refusalOf(5, "a")).toBeNull();
});

it("refuses by units first, then by shelf, then by stock, and names all SKUs with the fault", () => {
	expect(refusalOf(MAX_UNITS + 1, "off", "gone")).toEqual([
		"VALIDATION_ERROR",
		[{ field: "field of off", type: "unitsMax", expected: MAX_UNITS }]
	]);
	expect(refusalOf(MAX_UNITS, "a", "off", "gone")).toEqual(["NOT_ON_SHELF", { skuIds: ["off", "gone"] }]);
	expect(refusalOf(6, "a", "b")).toEqual([
		"OUT_OF_STOCK",
		{
			items: [
				{ skuId: "a", requested: 6, available: 5 },
				{ skuId: "b", requested: 6, available: 0 }
			]
		}
	]);
});

it("makes lines for a quote in the order of the demand, without unknown SKUs", () => {
	expect(toQuoteLines(demandOf(2, "b", "gone", "a"), goods)).toEqual(
		["b", "a"].map(skuId => ({
			skuId,
			productId: `p-${skuId}`,
			categoryIds: ["tea"],
			brandId: null,
			weight: 0,
			shippingRuleId: null,
			price: 100,
			quantity: 2
		}))
	);
});
