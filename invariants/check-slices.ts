import type { Reservation, ReservationState } from "../services/inventory/reservation.domain";
import type { Payment } from "../services/payments/payment.domain";
import type { Stock } from "../services/inventory/stock.domain";
import { INVARIANTS, type Invariant } from "./invariants";
import { readBatches, secondsAgo, sumOf, type InvariantsContext, type Slice } from "./invariants.context";
import { addStock, NO_STOCK, type StockFigures } from "./stock.invariants";

/** How far the checks of a shop have come: each goes on where the one before has ended. */
export type Progress = {
	/** When the last check began: whatever changed since then is checked first. */
	readonly since: Date;
	/** The id up to which each collection has been checked in its present round; none at the beginning of a round. */
	readonly cursors: Readonly<Record<string, string>>;
	/** Where the last check found violations: checked again until they are gone. */
	readonly suspects: readonly Slice[];
	/** Of the SKUs up to the cursor, null where some could not be read, and of all SKUs in the last whole round. */
	readonly units: StockFigures | null;
	readonly unitsOfRound: StockFigures | null;
};
export const NO_PROGRESS: Omit<Progress, "since"> = {
	cursors: {},
	suspects: [],
	units: NO_STOCK,
	unitsOfRound: null
};
export type Outcome = {
	readonly violations: ReadonlyMap<string, readonly string[]>;
	readonly progress: Progress;
	/** Names of the collections and invariants of which a part was left to later checks, or to `--full`. */
	readonly left: readonly string[];
	/** Slices and invariants that could not be checked, each with the reason. */
	readonly failures: readonly string[];
};

/** The collections that are checked, with the largest number of documents in one slice. */
const COLLECTIONS: Readonly<Record<string, number>> = {
	orders: 1000,
	payments: 1000,
	stock: 500,
	coupons: 1000,
	after_sales: 500,
	points_accounts: 200,
	reviews: 1000,
	review_summaries: 200,
	idempotency_claims: 1000
};
/** Slices of a collection in one check, beside what has changed. SKUs come up more often, since metrics count their units. */
const slicesAtOnce = (collection: string): number => (collection === "stock" ? 20 : 5);
/** Most suspect slices of one collection, so that violations in one do not displace those in another. */
const MAX_SUSPECTS = 20;
/** Most reservations of each state whose orders and SKUs are checked because they have changed. */
const MAX_CHANGED = 2000;
/** Changes before that are left to the rounds. */
const LONGEST_SINCE_S = 600;
/** Sums over more documents are left to `--full`. */
const MAX_SUMMED = 50_000;

const STATES: readonly ReservationState[] = [
	"opening",
	"open",
	"refused",
	"releasing",
	"released",
	"deducting",
	"deducted",
	"returning",
	"returned"
];

/**
 * Checks a bounded part of the shop: what has changed since the last check, where violations were found, and the next slices
 * of every collection. A small shop is checked as a whole; of a large one each document comes up again after some checks.
 *
 * A slice that can't be checked is left to the next round. `save` stores the progress beyond a slice before it is checked, so
 * that the next check goes on even after a slice whose check ends the process.
 */
export async function checkSlices(
	context: InvariantsContext,
	before: Progress | null,
	save: (progress: Progress) => Promise<void> = async () => {}
): Promise<Outcome> {
	const found = new Map<string, Set<string>>(INVARIANTS.map(({ name }) => [name, new Set()]));
	const cursors: Record<string, string> = { ...before?.cursors };
	const suspects: Slice[] = [];
	const left = new Set<string>();
	const failures: string[] = [];
	let suspectsLeft = before?.suspects ?? [];
	let units = before ? before.units : NO_STOCK;
	let unitsOfRound = before?.unitsOfRound ?? null;
	const progress = (): Progress => ({
		since: context.now,
		cursors: { ...cursors },
		suspects: [...suspects, ...suspectsLeft],
		units,
		unitsOfRound
	});

	/** Resolves to null where the work fails, and reports that. */
	const attempt = async <T>(name: string, where: string, work: () => Promise<T>): Promise<T | null> => {
		try {
			return await work();
		} catch (err) {
			failures.push(`${where}: ${err instanceof Error ? err.message : String(err)}`);
			left.add(name);
			return null;
		}
	};
	const add = async ({ name, violations }: Invariant, of: InvariantsContext) => {
		for (const violation of await violations(of)) found.get(name)?.add(violation);
	};
	const countFound = () => sumOf([...found.values()], ({ size }) => size);
	const check = async (slice: Slice) => {
		await save(progress());
		const foundBefore = countFound();
		const sliced = { ...context, slice };
		await attempt(slice.collection, describeSlice(slice), async () => {
			for (const invariant of INVARIANTS)
				if (invariant.reads === "documents") await add(invariant, sliced);
		});
		// A violation that an earlier slice has found makes that one suspect, not this one.
		if (countFound() === foundBefore) return;
		const others = suspects.filter(({ collection }) => collection === slice.collection);
		if (others.length < MAX_SUSPECTS) suspects.push(slice);
	};

	const changed = await listChanged(context, before);
	for (let next; (next = suspectsLeft[0]);) {
		suspectsLeft = suspectsLeft.slice(1);
		await check(next);
	}
	for (const slice of changed) await check(slice);
	for (const collection of Object.keys(COLLECTIONS)) {
		const begins = cursors[collection] === undefined;
		if (collection === "stock" && begins) units = NO_STOCK;
		let slice = await findNextSlice(context, collection, cursors[collection] ?? "");
		for (let n = 0; slice && n < slicesAtOnce(collection); n++) {
			const sliced = { ...context, slice };
			const counted = units;
			if (collection === "stock" && counted)
				units = await attempt(collection, describeSlice(slice), () => addSlice(sliced, counted));
			cursors[collection] = slice.upTo;
			await check(slice);
			slice = await findNextSlice(context, collection, slice.upTo);
		}
		if (slice || !begins) left.add(collection);
		if (slice) continue;
		delete cursors[collection];
		if (collection === "stock") unitsOfRound = units ?? unitsOfRound;
	}
	for (const invariant of INVARIANTS) {
		const { name, reads } = invariant;
		if (reads === "documents") continue;
		await attempt(name, name, async () => {
			if (reads !== "waiting" && (await isLarge(context, reads.sums))) left.add(name);
			else await add(invariant, context);
		});
	}
	await save(progress());
	const violations = new Map([...found].map(([name, all]) => [name, [...all]]));
	return { violations, progress: progress(), left: [...left], failures };
}

const describeSlice = (slice: Slice): string =>
	"ids" in slice
		? `${slice.ids.length} of ${slice.collection} that changed`
		: `${slice.collection} up to ${slice.upTo}`;

async function isLarge(context: InvariantsContext, names: readonly string[]): Promise<boolean> {
	for (const name of names)
		if ((await context.collection(name).countUpTo({}, MAX_SUMMED)).more) return true;
	return false;
}

async function findNextSlice(context: InvariantsContext, collection: string, after: string) {
	const ids = await context
		.collection(collection)
		.find(
			{ _id: { $gt: after } },
			{ sort: { _id: 1 }, limit: COLLECTIONS[collection] ?? 1, fields: ["_id"] }
		);
	const last = ids.at(-1);
	return last && { collection, after, upTo: last._id };
}

/** Orders, payments and SKUs whose reservation has changed since the last check, the latest first where there are too many. */
async function listChanged(context: InvariantsContext, before: Progress | null): Promise<Slice[]> {
	if (!before) return [];
	const since = new Date(
		Math.max(before.since.getTime() - 60_000, secondsAgo(context, LONGEST_SINCE_S).getTime())
	);
	const reservations = context.collection<Reservation>("stock_reservations");
	const changed: Reservation[] = [];
	// One state at a time, so that the index of state and time gives just these.
	for (const state of STATES)
		changed.push(
			...(await reservations.find(
				{ state, updatedAt: { $gte: since } },
				{ sort: { updatedAt: -1 }, limit: MAX_CHANGED, fields: ["lines"] }
			))
		);
	const orderIds = changed.map(({ _id }) => _id);
	const payments = await context
		.collection<Payment>("payments")
		.find({ orderId: { $in: orderIds } }, { fields: ["_id"] });
	const skuIds = new Set(changed.flatMap(({ lines }) => lines.map(({ skuId }) => skuId)));
	return Object.entries({
		orders: orderIds,
		payments: payments.map(({ _id }) => _id),
		stock: [...skuIds]
	}).flatMap(([collection, ids]) => {
		const size = COLLECTIONS[collection] ?? 1;
		return Array.from({ length: Math.ceil(ids.length / size) }, (_, n) => ({
			collection,
			ids: ids.slice(n * size, (n + 1) * size)
		}));
	});
}

async function addSlice(context: InvariantsContext, units: StockFigures): Promise<StockFigures> {
	let sum = units;
	for await (const stocks of readBatches<Stock>(context, "stock")) sum = stocks.reduce(addStock, sum);
	return sum;
}
