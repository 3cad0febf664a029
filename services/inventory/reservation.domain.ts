import type { CountedChange, Line } from "./stock.domain";

/**
 * `opening` → `open` → `releasing` → `released`, or `open` → `deducting` → `deducted` → `returning` → `returned`. What is
 * under way (`…ing`) rolls forward after a crash, but for `opening`, which is undone: to `refused` for want of stock, or
 * to `released`, which also stands for an order that never reserved.
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

/** What one order holds: all of its lines in one document, so that they are held by one write or not at all. */
export type Reservation = {
	readonly _id: string;
	readonly lines: readonly Line[];
	readonly state: ReservationState;
	/** Whether it was ever open. */
	readonly held: boolean;
	readonly short?: readonly Shortage[];
	readonly expiresAt: Date;
	readonly updatedAt: Date;
};

/** The steps of an open reservation: their states, and the fact told at the end. */
export const RESERVATION_TRANSITIONS = {
	release: { from: "open", via: "releasing", to: "released", told: "stock.released" },
	deduct: { from: "open", via: "deducting", to: "deducted", told: "stock.deducted" },
	return: { from: "deducted", via: "returning", to: "returned", told: "stock.returned" }
} as const;
export type ReservationTransition = keyof typeof RESERVATION_TRANSITIONS;

export const findTransitionUnderWay = (state: ReservationState): ReservationTransition | undefined =>
	(Object.keys(RESERVATION_TRANSITIONS) as ReservationTransition[]).find(
		step => RESERVATION_TRANSITIONS[step].via === state
	);

/** Units of stock that the reservation accounts for in `reserved`, between its steps. */
export const holdsUnits = (state: ReservationState): boolean => state === "open";

/**
 * What becomes of a change that a crash left on the stock. Every change but a reserve stands once it is counted; a reserve
 * stands if its reservation was opened, and is still being decided while that is opening.
 */
export function decideLeftover(
	entry: CountedChange,
	reservation: Reservation | null
): "settle" | "undo" | "wait" {
	if (entry.type !== "reserve" || reservation?.held) return "settle";
	return reservation?.state === "opening" ? "wait" : "undo";
}

/** An order calls again for what it asked before, or for something else. */
export const hasSameLines = (a: readonly Line[], b: readonly Line[]): boolean =>
	a.length === b.length &&
	a.every(({ skuId, quantity }, n) => b[n]?.skuId === skuId && b[n].quantity === quantity);

/** What an unfreed reservation past its order's deadline needs, by what became of the order. */
export function decideOverdue(status: string | undefined): "release" | "deduct" | "wait" {
	if (status === undefined || status === "failed" || status === "cancelled") return "release";
	return status === "creating" || status === "pending_payment" ? "wait" : "deduct";
}
