export type Reason = "used" | "returned" | "earned" | "taken_back" | "expired";

/** Points that expire together. */
export type Lot = { readonly at: Date; readonly points: number };

/** One change of an account, unique by `key`. The entries sum to the balance. */
export type Entry = {
	readonly key: string;
	readonly delta: number;
	/** After the change. */
	readonly balance: number;
	readonly reason: Reason;
	readonly orderId: string | null;
	/** When the points of the entry expire: of those used, the last of them. */
	readonly expiresAt: Date | null;
	readonly at: Date;
};

export type Account = {
	/** The user's id. */
	readonly _id: string;
	readonly balance: number;
	/** The points by the day on which they expire, the first to expire first; they sum to the balance. */
	readonly lots: readonly Lot[];
	readonly version: number;
	/** Entries that are counted and may not be in the log yet. */
	readonly inFlight: readonly Entry[];
};
export const createAccount = (userId: string): Account => ({
	_id: userId,
	balance: 0,
	lots: [],
	version: 0,
	inFlight: []
});

/** What became of an order, as far as points go. Amounts only grow, so that facts may come in any order. */
export type PointsOrder = {
	/** The order's id. */
	readonly _id: string;
	readonly userId: string;
	/** Points that it brings when it completes. */
	readonly earns: number;
	readonly paid: boolean;
	readonly completed: boolean;
	readonly total: number;
	readonly refunded: number;
	/** It was never placed, cancelled, or refunded in full: all that it used goes back, and nothing is earned. */
	readonly ended: boolean;
};
export const createPointsOrder = (_id: string, userId: string): PointsOrder => ({
	_id,
	userId,
	earns: 0,
	paid: false,
	completed: false,
	total: 0,
	refunded: 0,
	ended: false
});

type Change = Pick<Entry, "key" | "delta" | "reason" | "orderId"> & { readonly expiresAt?: Date };

/** Counts a change: points are taken from the lots that expire first. Null where the balance is too low. */
export function applyChange(
	account: Account,
	{ key, delta, reason, orderId, expiresAt }: Change,
	now: Date
): Pick<Account, "balance" | "lots" | "inFlight"> | null {
	const balance = account.balance + delta;
	if (balance < 0) return null;
	const { lots, last } =
		delta < 0
			? takeFromLots(account.lots, -delta)
			: { lots: addLot(account.lots, { at: expiresAt ?? now, points: delta }), last: expiresAt };
	const entry: Entry = { key, delta, balance, reason, orderId, expiresAt: last ?? null, at: now };
	return { balance, lots, inFlight: [...account.inFlight, entry] };
}

function takeFromLots(lots: readonly Lot[], points: number): { lots: Lot[]; last: Date | undefined } {
	let missing = points;
	let last: Date | undefined;
	const left = lots.flatMap(lot => {
		const taken = Math.min(missing, lot.points);
		missing -= taken;
		if (taken > 0) last = lot.at;
		return taken < lot.points ? [{ ...lot, points: lot.points - taken }] : [];
	});
	return { lots: left, last };
}

const addLot = (lots: readonly Lot[], { at, points }: Lot): Lot[] => {
	const same = lots.find(lot => lot.at.getTime() === at.getTime());
	return [...lots.filter(lot => lot !== same), { at, points: points + (same?.points ?? 0) }].sort(
		(a, b) => a.at.getTime() - b.at.getTime()
	);
};

/** A share of the points in proportion to what was refunded; all of them once all is refunded. */
const shareOf = (points: number, { total, refunded, ended }: PointsOrder): number =>
	ended ? points : total > 0 ? Math.floor((points * refunded) / total) : 0;

/**
 * The next change that an order is due, from its entries so far; null where none is due. Of what was earned no more is
 * taken back than the balance holds: the buyer keeps what was spent since.
 */
export function findDueChange(
	order: PointsOrder,
	entries: readonly Entry[],
	balance: number,
	earnedExpireAt: Date
): Change | null {
	const sumOf = (reason: Reason) =>
		entries.reduce((sum, entry) => sum + (entry.reason === reason ? entry.delta : 0), 0);
	const orderId = order._id;
	const used = -sumOf("used");
	const due = shareOf(used, order) - sumOf("returned");
	if (due > 0) {
		const expiresAt = entries.find(({ reason }) => reason === "used")?.expiresAt ?? earnedExpireAt;
		return {
			key: `${orderId} returned ${sumOf("returned")}`,
			delta: due,
			reason: "returned",
			orderId,
			expiresAt
		};
	}
	const earned = sumOf("earned");
	const kept = order.earns - shareOf(order.earns, order);
	if (order.completed && earned === 0 && kept > 0)
		return {
			key: `${orderId} earned`,
			delta: kept,
			reason: "earned",
			orderId,
			expiresAt: earnedExpireAt
		};
	const takenBack = -sumOf("taken_back");
	const back = Math.min(earned - takenBack - kept, balance);
	if (earned > 0 && back > 0)
		return { key: `${orderId} taken_back ${takenBack}`, delta: -back, reason: "taken_back", orderId };
	return null;
}
