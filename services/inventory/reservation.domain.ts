import { sumDemand, type Demand } from "../../schemas/values/demand";
import type { OrderStatus } from "../../schemas/orders.views";
import type { CountedChange, StockChange } from "./stock.domain";

/**
 * `opening` → `open` → `releasing` → `released`, or `open` → `deducting` → `deducted` → `returning` → `returned`. After a crash
 * a sweep completes the states that end in `…ing`. Only `opening` is undone. `refused`: out of stock. `released`: undone,
 * or a release that arrived before any reserve.
 */
export type ReservationState =
	| "opening"
	| "open"
	| "refused"
	| "releasing"
	| "released"
	| "deducting"
	| "deducted"
	| "returning"
	| "returned";

export type Shortage = { readonly skuId: string; readonly requested: number; readonly available: number };

/** Units of an order that went back into stock for one cause, such as an after-sales case. */
export type PartialReturn = {
	readonly cause: string;
	readonly by: string;
	readonly lines: readonly Demand[];
};

/** Units that one order holds. All lines are in one document, so that one write holds all of them or none. */
export type Reservation = {
	/** The order's id, or that of an exchange's reservation. */
	readonly _id: string;
	/** Absent: an order's. */
	readonly owner?: "exchange";
	readonly lines: readonly Demand[];
	readonly state: ReservationState;
	/** Whether the reservation was ever `open`. */
	readonly held: boolean;
	readonly short?: readonly Shortage[];
	/** Units of a `deducted` reservation that went back into stock one part at a time, each part under its cause. */
	readonly returns?: readonly PartialReturn[];
	/** Causes of the returns that are being counted. */
	readonly openReturns?: readonly string[];
	/** Since when returns are being counted; absent when none is. */
	readonly returningSince?: Date;
	readonly expiresAt: Date;
	readonly updatedAt: Date;
};

/** Transitions of a reservation that held stock. `via` claims one before the stock is counted; `fact` is published at its end. */
export const RESERVATION_TRANSITIONS = {
	release: { from: "open", via: "releasing", to: "released", fact: "stock.released" },
	deduct: { from: "open", via: "deducting", to: "deducted", fact: "stock.deducted" },
	return: { from: "deducted", via: "returning", to: "returned", fact: "stock.returned" }
} as const;
export type ReservationTransition = keyof typeof RESERVATION_TRANSITIONS;

/** The transition that a reservation in this state has begun and not ended. */
export const findTransitionUnderWay = (state: ReservationState): ReservationTransition | undefined =>
	(Object.keys(RESERVATION_TRANSITIONS) as ReservationTransition[]).find(
		transition => RESERVATION_TRANSITIONS[transition].via === state
	);

/** Units to reserve of each SKU, sorted by SKU: every reservation takes its SKUs in the same order. */
export const sumAndSortDemand = (lines: readonly Demand[]): Demand[] =>
	sumDemand(lines).sort((a, b) => (a.skuId < b.skuId ? -1 : 1));

export const makeCause = (orderId: string, type: ReservationTransition | "reserve") => `${orderId}:${type}`;
export const makeReturnCause = (orderId: string, cause: string) => `${makeCause(orderId, "return")}:${cause}`;

/** Causes under which the ledger may have changes for the order. */
export const listCauses = ({ _id, returns = [] }: Pick<Reservation, "_id" | "returns">): string[] => [
	...(["reserve", "release", "deduct", "return"] as const).map(type => makeCause(_id, type)),
	...returns.map(({ cause }) => makeReturnCause(_id, cause))
];

/** Units of the reservation that have not gone back in parts. */
export function listLeftUnits({ lines, returns = [] }: Pick<Reservation, "lines" | "returns">): Demand[] {
	const returned = new Map(
		sumDemand(returns.flatMap(part => part.lines)).map(({ skuId, quantity }) => [skuId, quantity])
	);
	return lines
		.map(({ skuId, quantity }) => ({ skuId, quantity: quantity - (returned.get(skuId) ?? 0) }))
		.filter(({ quantity }) => quantity > 0);
}

/** The part of these units that has not gone back before. */
export function limitReturn(reservation: Pick<Reservation, "lines" | "returns">, units: readonly Demand[]) {
	const left = new Map(listLeftUnits(reservation).map(({ skuId, quantity }) => [skuId, quantity]));
	return sumAndSortDemand(units)
		.map(({ skuId, quantity }) => ({ skuId, quantity: Math.min(quantity, left.get(skuId) ?? 0) }))
		.filter(({ quantity }) => quantity > 0);
}

export const createStockChange = (
	orderId: string,
	type: ReservationTransition | "reserve",
	quantity: number
): StockChange => ({
	cause: makeCause(orderId, type),
	type,
	quantity,
	orderId,
	by: "system",
	reason: null
});
export const createReturnChange = (
	orderId: string,
	{ cause, by }: Pick<PartialReturn, "cause" | "by">,
	quantity: number
): StockChange => ({
	cause: makeReturnCause(orderId, cause),
	type: "return",
	quantity,
	orderId,
	by,
	reason: cause
});

/**
 * Decides about a change that a crash left in flight. Every change except a reserve is kept once it is counted. A reserve
 * is kept if its reservation was opened; while that is still `opening`, the reservation's own sweep comes first.
 */
export function decideLeftover(
	change: CountedChange,
	reservation: Reservation | null
): "post" | "undo" | "wait" {
	if (change.type !== "reserve" || reservation?.held) return "post";
	return reservation?.state === "opening" ? "wait" : "undo";
}

/** Whether a repeated `reserve` asks for the same as the first one; both must be sorted. */
export const hasSameLines = (a: readonly Demand[], b: readonly Demand[]): boolean =>
	a.length === b.length &&
	a.every(({ skuId, quantity }, n) => b[n]?.skuId === skuId && b[n].quantity === quantity);

/** Decides what an open reservation past its expiry needs by the status of its order; `undefined`: there is no such order. */
export function decideOverdue(status: OrderStatus | undefined): "release" | "deduct" | "wait" {
	switch (status) {
		case undefined:
		case "failed":
		case "cancelled":
			return "release";
		case "creating":
		case "pending_payment":
			return "wait";
		case "paid":
		case "shipped":
		case "completed":
		case "refunding":
		case "refunded":
			return "deduct";
	}
}
