import type { Reservation, ReservationState } from "../services/inventory/reservation.domain";
import type { Payment } from "../services/payments/payment.domain";
import type { Stock } from "../services/inventory/stock.domain";
import { INVARIANTS } from "./invariants";
import { readBatches, secondsAgo, type InvariantsContext, type Slice } from "./invariants.context";
import { addStock, NO_STOCK, type StockFigures } from "./stock.invariants";

/** How far the checks of a shop have come: each goes on where the one before has ended. */
export type Progress = {
	/** When the last check began: whatever changed since then is checked first. */
	readonly since: Date;
	/** The id up to which each collection has been checked in its present round; none at the beginning of a round. */
	readonly cursors: Readonly<Record<string, string>>;
	/** Where the last check found violations: checked again until they are gone. */
	readonly suspects: readonly Slice[];
	/** Of the SKUs up to the cursor, and of all SKUs in the last whole round. */
	readonly units: StockFigures;
	readonly unitsOfRound: StockFigures | null;
};
export type Outcome = {
	readonly violations: ReadonlyMap<string, readonly string[]>;
	readonly progress: Progress;
	/** Names of the collections and invariants of which a part was left to later checks, or to `--full`. */
	readonly left: readonly string[];
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
const MAX_SUSPECTS = 50;
/** Most reservations of each state whose orders and SKUs are checked because they have changed. */
const MAX_CHANGED = 2000;
/** What changed longer ago is left to the rounds. */
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
 */
export async function checkSlices(context: InvariantsContext, before: Progress | null): Promise<Outcome> {
	const found = new Map<string, Set<string>>(INVARIANTS.map(({ name }) => [name, new Set()]));
	const suspects: Slice[] = [];
	const check = async (slice: Slice) => {
		const sliced = { ...context, slice };
		let isSound = true;
		for (const { name, reads, violations } of INVARIANTS) {
			if (reads !== "documents") continue;
			for (const violation of await violations(sliced)) {
				found.get(name)?.add(violation);
				isSound = false;
			}
		}
		if (!isSound && suspects.length < MAX_SUSPECTS) suspects.push(slice);
	};

	const left: string[] = [];
	for (const slice of [...(before?.suspects ?? []), ...(await listChanged(context, before))])
		await check(slice);
	const cursors: Record<string, string> = {};
	let units = before?.units ?? NO_STOCK;
	let unitsOfRound = before?.unitsOfRound ?? null;
	for (const collection of Object.keys(COLLECTIONS)) {
		let after = before?.cursors[collection] ?? "";
		const begins = after === "";
		if (collection === "stock" && begins) units = NO_STOCK;
		for (let n = 0; n < slicesAtOnce(collection); n++) {
			const slice = await findNextSlice(context, collection, after);
			if (!slice) {
				after = "";
				break;
			}
			await check(slice);
			if (collection === "stock") units = await addSlice({ ...context, slice }, units);
			after = slice.upTo;
		}
		if (after !== "" && !(await findNextSlice(context, collection, after))) after = "";
		if (collection === "stock" && after === "") unitsOfRound = units;
		if (after !== "") cursors[collection] = after;
		if (after !== "" || !begins) left.push(collection);
	}
	for (const { name, reads, violations } of INVARIANTS) {
		if (reads === "documents") continue;
		if (reads !== "waiting" && (await isLarge(context, reads.sums))) left.push(name);
		else for (const violation of await violations(context)) found.get(name)?.add(violation);
	}
	const violations = new Map([...found].map(([name, all]) => [name, [...all]]));
	return {
		violations,
		progress: { since: context.now, cursors, suspects, units, unitsOfRound },
		left
	};
}

async function isLarge(context: InvariantsContext, names: readonly string[]): Promise<boolean> {
	for (const name of names) {
		const beyond = await context
			.collection(name)
			.find({}, { sort: { _id: 1 }, skip: MAX_SUMMED, limit: 1, fields: ["_id"] });
		if (beyond.length > 0) return true;
	}
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
