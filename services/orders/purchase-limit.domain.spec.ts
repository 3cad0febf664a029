import type { OrderStatus } from "../../schemas/orders.views";
import type { StoredItem } from "./order.domain";
import {
	countPurchasedUnits,
	createEmptyEntries,
	findExceededLimit,
	findExceededUnpaidUnits,
	findLimitedLines,
	retainUnplacedOrders
} from "./purchase-limit.domain";

const item = (skuId: string, quantity: number): StoredItem => ({
	skuId,
	productId: "p",
	name: "",
	image: null,
	attributes: {},
	listPrice: 1,
	price: 1,
	quantity,
	discount: 0,
	amount: quantity,
	gift: false,
	shippedQuantity: 0
});
const anOrder = (_id: string, status: OrderStatus, ...items: StoredItem[]) => ({ _id, status, items });
const entriesOf = (...placing: string[]) => ({ ...createEmptyEntries("u", "a"), placing });

it("sums the units of a SKU over orders and their lines", () => {
	const orders = [
		anOrder("1", "paid", item("a", 2), item("b", 4)),
		anOrder("2", "pending_payment", item("a", 3))
	];

	expect(countPurchasedUnits(entriesOf(), orders, "a")).toBe(5);
	expect(countPurchasedUnits(entriesOf(), orders, "c")).toBe(0);
});

it("counts an order that is still being placed only once it is entered", () => {
	const orders = [anOrder("1", "creating", item("a", 2)), anOrder("2", "creating", item("a", 3))];

	expect(countPurchasedUnits(entriesOf("2"), orders, "a")).toBe(3);
});

it("keeps entries only of orders that are still being placed", () => {
	const orders = [anOrder("1", "creating"), anOrder("2", "pending_payment"), anOrder("3", "creating")];

	expect(retainUnplacedOrders(entriesOf("1", "2", "gone"), orders)).toEqual(["1"]);
});

it("allows units up to the limit and names the limit that the next one exceeds", () => {
	const line = { skuId: "a", quantity: 2, limit: 3 };

	expect(findExceededLimit(line, 1)).toEqual([]);
	expect(findExceededLimit(line, 2)).toEqual([{ skuId: "a", limit: 3, bought: 2, requested: 2 }]);
});

it("allows unpaid units of all SKUs up to the limit and names every line of an order that exceeds it", () => {
	const demand = [
		{ skuId: "a", quantity: 2 },
		{ skuId: "b", quantity: 3 }
	];

	expect(findExceededUnpaidUnits(demand, 9, 4)).toEqual([]);
	expect(findExceededUnpaidUnits(demand, 9, 5)).toEqual([
		{ skuId: "a", limit: 9, bought: 5, requested: 2 },
		{ skuId: "b", limit: 9, bought: 5, requested: 3 }
	]);
});

it("finds the lines of limited SKUs", () => {
	const sku = (skuId: string, limitPerUser: number | null) => ({
		...item(skuId, 1),
		code: skuId,
		currency: "CNY",
		onShelf: true,
		categoryIds: [],
		brandId: null,
		weight: 0,
		shippingRuleId: null,
		available: 9,
		limitPerUser
	});
	const goods = new Map([sku("a", 2), sku("b", null)].map(one => [one.skuId, one]));
	const demand = ["a", "b", "c"].map(skuId => ({ skuId, quantity: 5 }));

	expect(findLimitedLines(demand, goods)).toEqual([{ skuId: "a", quantity: 5, limit: 2 }]);
});
