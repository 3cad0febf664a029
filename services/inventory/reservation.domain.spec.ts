import {
	decideLeftover,
	decideOverdue,
	findTransitionUnderWay,
	hasSameLines,
	sumAndSortDemand,
	type Reservation
} from "./reservation.domain";
import type { CountedChange } from "./stock.domain";

const counts = { available: 1, reserved: 1, sold: 0 };
const at = new Date(0);
const aChange = (type: CountedChange["type"]): CountedChange => ({
	id: "1",
	cause: `o:${type}`,
	type,
	quantity: 1,
	orderId: "o",
	by: "system",
	reason: null,
	before: counts,
	after: counts,
	at
});
const aReservation = (over: Partial<Reservation>): Reservation => ({
	_id: "o",
	lines: [{ skuId: "s", quantity: 1 }],
	state: "open",
	held: true,
	expiresAt: at,
	updatedAt: at,
	...over
});

it.each([
	["stands when its order holds", aReservation({}), "post"],
	["stands when its order held once", aReservation({ state: "released" }), "post"],
	["waits while its order is being reserved", aReservation({ state: "opening", held: false }), "wait"],
	["is undone when its order was refused", aReservation({ state: "refused", held: false }), "undo"],
	[
		"is undone when its order was released before it held",
		aReservation({ state: "released", held: false }),
		"undo"
	],
	["is undone when its order is not there", null, "undo"]
])("a reserve left in flight %s", (_title, reservation, decision) => {
	expect(decideLeftover(aChange("reserve"), reservation)).toBe(decision);
});

it.each(["adjust", "release", "deduct", "return"] as const)("a counted %s stands, crash or not", type => {
	expect(decideLeftover(aChange(type), aReservation({ state: "releasing" }))).toBe("post");
});

it("finds the transition that is under way", () => {
	expect(findTransitionUnderWay("releasing")).toBe("release");
	expect(findTransitionUnderWay("returning")).toBe("return");
	expect(findTransitionUnderWay("opening")).toBeUndefined();
	expect(findTransitionUnderWay("open")).toBeUndefined();
});

it("releases for an order that ended unpaid, deducts for a paid one, and waits for a live one", () => {
	expect(([undefined, "failed", "cancelled"] as const).map(decideOverdue)).toEqual([
		"release",
		"release",
		"release"
	]);
	expect((["paid", "shipped", "completed", "refunding", "refunded"] as const).map(decideOverdue)).toEqual(
		Array(5).fill("deduct")
	);
	expect((["creating", "pending_payment"] as const).map(decideOverdue)).toEqual(["wait", "wait"]);
});

it("tells equal lines from different ones", () => {
	const lines = [{ skuId: "a", quantity: 1 }];

	expect(hasSameLines(lines, [{ skuId: "a", quantity: 1 }])).toBe(true);
	expect(hasSameLines(lines, [{ skuId: "a", quantity: 2 }])).toBe(false);
	expect(hasSameLines(lines, [])).toBe(false);
});

it("sums the demand of a SKU over its lines, in one order for every caller", () => {
	const lines = [
		{ skuId: "b", quantity: 1 },
		{ skuId: "a", quantity: 2 },
		{ skuId: "c", quantity: 1 },
		{ skuId: "b", quantity: 3 }
	];

	const summed = [sumAndSortDemand(lines), sumAndSortDemand(lines.toReversed())];

	const expected = [
		{ skuId: "a", quantity: 2 },
		{ skuId: "b", quantity: 4 },
		{ skuId: "c", quantity: 1 }
	];
	expect(summed).toEqual([expected, expected]);
});
