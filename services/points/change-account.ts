import { invalidState, Refusal } from "../../schemas/errors/errors";
import { fact } from "../../schemas/registry";
import { beijingDay, beijingDayBounds } from "../../schemas/values/beijing-day";
import { DAY_MS } from "../../schemas/values/durations";
import { createIdSequence } from "../../schemas/values/new-id";
import {
	applyChange,
	createAccount,
	createPointsOrder,
	findDueChange,
	type Account,
	type Entry,
	type PointsOrder
} from "./account.domain";
import type { LogRow, PointsContext } from "./points.context";

const newRowId = createIdSequence();
type Change = Parameters<typeof applyChange>[1];
type Decision = Change | "touch" | null;

/**
 * Changes the balance by one guarded write that notes the entry in `inFlight`, then writes the log's row, and only then drops
 * the note. `decide` gets the entries of the order so far: the account is read before the log, so an entry that is counted
 * meanwhile fails the version. An account without a change is written too where `decide` says so (`touch`), so that a
 * concurrent decision on older data fails.
 */
async function changeAccount(
	context: PointsContext,
	userId: string,
	orderId: string | null,
	decide: (account: Account, entries: readonly Entry[]) => Decision | Promise<Decision>
): Promise<void> {
	const changed = await context.accounts.rewrite(
		userId,
		async account => {
			const entries =
				orderId === null ? account.inFlight : await readEntries(context, account, orderId);
			const change = await decide(account, entries);
			if (change === null) return null;
			const { version } = account;
			if (change === "touch") return { guard: { version }, update: { $set: { version: version + 1 } } };
			const counted = applyChange(account, change, new Date());
			if (!counted)
				throw new Refusal("POINTS_UNAVAILABLE", "Not so many points", {
					requested: -change.delta,
					usable: account.balance
				});
			const { delta } = change;
			return {
				guard: { version },
				update: { $set: { ...counted, version: version + 1 } },
				facts: [fact("points.changed", { userId, delta, balance: counted.balance })]
			};
		},
		{ initial: createAccount(userId) }
	);
	await postEntries(context, changed);
}

/** Entries of an order, in the log or still in flight. */
async function readEntries(
	{ log }: PointsContext,
	{ _id: userId, inFlight }: Account,
	orderId: string
): Promise<Entry[]> {
	const rows = await log.find({ userId, orderId });
	const logged = new Set(rows.map(({ key }) => key));
	return [...rows, ...inFlight.filter(entry => entry.orderId === orderId && !logged.has(entry.key))];
}

/** Writes the log's rows of the entries in flight, in their order, then drops the notes. */
async function postEntries({ accounts, log }: PointsContext, { _id, inFlight }: Account): Promise<void> {
	if (!inFlight.length) return;
	for (const entry of inFlight) {
		const row: LogRow = { ...entry, _id: newRowId(), userId: _id };
		await log.insertOnce(row, { userId: _id, key: entry.key });
	}
	const keys = inFlight.map(({ key }) => key);
	await accounts.change({ _id }, { $pull: { inFlight: { key: { $in: keys } } } });
}

/** Uses points for an order, once. */
export const takePoints = (
	context: PointsContext,
	{ orderId, userId, points }: { orderId: string; userId: string; points: number }
): Promise<void> =>
	changeAccount(context, userId, orderId, async (_, entries) => {
		if (entries.some(({ reason }) => reason === "used")) return null;
		const order = await context.pointsOrders.findOne({ _id: orderId });
		if (order?.ended)
			throw invalidState("The order has given back its points", {
				id: orderId,
				state: "ended",
				allowed: []
			});
		return { key: `${orderId} used`, delta: -points, reason: "used", orderId };
	});

type Known = Partial<Pick<PointsOrder, "earns" | "paid" | "completed" | "total" | "refunded" | "ended">>;

/** Records what became of an order, and makes the changes of points that are due. Facts may come twice and in any order. */
export async function recordOrder(
	context: PointsContext,
	orderId: string,
	userId: string,
	{ earns = 0, total = 0, refunded = 0, ...flags }: Known
): Promise<void> {
	await context.pointsOrders.insertOnce(createPointsOrder(orderId, userId), { _id: orderId });
	const order = await context.pointsOrders.change(
		{ _id: orderId },
		{ $max: { earns, total, refunded }, ...(Object.keys(flags).length > 0 && { $set: flags }) }
	);
	if (order && (order.completed || order.ended || order.refunded > 0))
		await applyDueChanges(context, order);
}

/** Makes every change that the order is due. */
async function applyDueChanges(context: PointsContext, order: PointsOrder): Promise<void> {
	const progress = { isDone: false };
	while (!progress.isDone)
		await changeAccount(context, order.userId, order._id, (account, entries) => {
			const due = findDueChange(order, entries, account.balance, expiryOf(context, new Date()));
			progress.isDone = due === null;
			if (due) return due;
			// An ended order without a use may be using points right now: that write has to fail.
			return order.ended && !entries.some(({ reason }) => reason === "used") ? "touch" : null;
		});
}

/** Points last so many days, to the end of the day in Beijing. */
function expiryOf({ config }: PointsContext, now: Date): Date {
	const last = new Date(now.getTime() + config.get("points.keepDays") * DAY_MS);
	return beijingDayBounds(beijingDay(last)).to;
}

/** Takes points off whose time is over, and writes rows that a crash left out. */
export async function sweepAccounts(context: PointsContext, now: Date, before: Date): Promise<void> {
	for (const account of await context.accounts.find({ "lots.at": { $lte: now } }, { limit: 200 }))
		await changeAccount(context, account._id, null, ({ lots }) => {
			const [first] = lots;
			if (!first || first.at > now) return null;
			const key = `expired ${first.at.toISOString()} ${first.points} ${newRowId()}`;
			return { key, delta: -first.points, reason: "expired", orderId: null };
		});
	for (const account of await context.accounts.find({ "inFlight.at": { $lt: before } }, { limit: 200 }))
		await postEntries(context, account);
}
