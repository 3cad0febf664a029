import {
	decideLeftover,
	decideOverdue,
	hasSameLines,
	findTransitionUnderWay,
	type Reservation
} from "./reservation.domain";
import type { CountedChange } from "./stock.domain";

const counts = { available: 1, reserved: 1, sold: 0 };
const at = new Date(0);
const entry = (type: CountedChange["type"]): CountedChange => ({
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
	["stands when its order holds", aReservation({}), "settle"],
	["stands when its order held once", aReservation({ state: "released" }), "settle"],
	["waits while its order is being reserved", aReservation({ state: "opening", held: false }), "wait"],
	["comes off when its order was refused", aReservation({ state: "refused", held: false }), "undo"],
	[
		"comes off when its order was freed before it held",
		aReservation({ state: "released", held: false }),
		"undo"
	],
	["comes off when its order is not there", null, "undo"]
])("a reserve left on the stock %s", (_title, reservation, verdict) => {
	expect(decideLeftover(entry("reserve"), reservation)).toBe(verdict);
});

it.each(["adjust", "release", "deduct", "return"] as const)("a counted %s stands, crash or not", type => {
	expect(decideLeftover(entry(type), aReservation({ state: "releasing" }))).toBe("settle");
});

it("knows the step that is under way", () => {
	expect(findTransitionUnderWay("releasing")).toBe("release");
	expect(findTransitionUnderWay("returning")).toBe("return");
	expect(findTransitionUnderWay("opening")).toBeUndefined();
	expect(findTransitionUnderWay("open")).toBeUndefined();
});

it("frees what a dead order holds, sells what a paid one holds, and leaves a live one alone", () => {
	expect([undefined, "failed", "cancelled"].map(decideOverdue)).toEqual(["release", "release", "release"]);
	expect(["paid", "shipped", "completed", "refunding", "refunded"].map(decideOverdue)).toEqual(
		Array(5).fill("deduct")
	);
	expect(["creating", "pending_payment"].map(decideOverdue)).toEqual(["wait", "wait"]);
});

it("tells the same lines from others", () => {
	const lines = [{ skuId: "a", quantity: 1 }];

	expect(hasSameLines(lines, [{ skuId: "a", quantity: 1 }])).toBe(true);
	expect(hasSameLines(lines, [{ skuId: "a", quantity: 2 }])).toBe(false);
	expect(hasSameLines(lines, [])).toBe(false);
});
