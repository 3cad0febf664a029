import { DuplicateKey } from "../../../mixins/store.mixin";
import { invalid, Refusal } from "../../../schemas/errors";
import type { ChannelName, Reconciliation } from "../../../schemas/payments.contract";
import { fact, type Fact } from "../../../schemas/registry";
import { beijingDay, beijingDayBounds } from "../../../schemas/beijing-day";
import type { BillRow } from "../channels/payment-channel";
import type { Payment, Refund } from "../payment.domain";
import {
	compare,
	earlierDays,
	daysDue,
	dayView,
	difference,
	isIn,
	isReady,
	keysOf,
	reportId,
	sumsOf,
	type BookEntry,
	type Report
} from "./reconciliation.domain";
import { recheckFailedRefund } from "../refunds/refund-payment";
import type { PaymentsContext } from "../payments.context";
import { refreshFromChannel } from "../poll-channel";

/** Clocks differ: what is this close to midnight may be on the bill of the other day. */
const NEAR_MIDNIGHT_MS = 30 * 60_000;
/** Missed mornings are made up for: so many days back. */
const DAYS_BACK = 7;
const AT_ONCE = 500;
/** Of each list of differences; a report with more is a mistake in the settings. */
const MOST_LISTED = 1000;

/** The day as it was reconciled; made now where it was not, or when asked to. */
export async function getReconciliation(
	context: PaymentsContext,
	date: string,
	{ channel, again = false }: { channel?: ChannelName | undefined; again?: boolean | undefined },
	now = new Date()
): Promise<Reconciliation> {
	if (date > beijingDay(now)) throw invalid("date", "futureDay");
	const names = context.channels.names.filter(name => channel === undefined || name === channel);
	const stored = await context.reconciliations.find({
		_id: { $in: names.map(name => reportId(name, date)) }
	});
	const reports = names.map(async name => {
		const known = stored.find(report => report.channel === name) ?? null;
		if (known && !again) return { ...known, stored: true };
		const made = await makeOnce(context, name, date, now);
		const final = isReady(date, context.config.get("payments.reconcileHour"), now);
		return final ? { ...(await keep(context, made, known)), stored: true } : { ...made, stored: false };
	});
	return dayView(date, await Promise.all(reports));
}

/** Reconciles every day that has its bill and no report. Of several processes the first to be done counts. */
export async function reconcileDue(context: PaymentsContext, now = new Date()): Promise<void> {
	const [first] = await context.payments.find({}, { sort: { _id: 1 }, limit: 1, fields: ["createdAt"] });
	const hour = context.config.get("payments.reconcileHour");
	const days = daysDue(now, hour, first?.createdAt ?? null, DAYS_BACK);
	const all = days.flatMap(date => context.channels.names.map(channel => ({ channel, date })));
	const ids = all.map(({ channel, date }) => reportId(channel, date));
	const done = new Set(
		(await context.reconciliations.find({ _id: { $in: ids } }, { fields: ["_id"] })).map(({ _id }) => _id)
	);
	for (const { channel, date } of all.filter(due => !done.has(reportId(due.channel, due.date))))
		// One channel that is away must not keep the other waiting.
		await makeOnce(context, channel, date, now)
			.then(made => keep(context, made, null))
			.catch((err: unknown) =>
				context.logger.error({ err, channel, date }, "Not reconciled; the next sweep tries again")
			);
}

const underWay = new Map<string, Promise<Report>>();
/** However many ask at once, this process fetches the bill once. */
function makeOnce(context: PaymentsContext, channel: ChannelName, date: string, now: Date): Promise<Report> {
	const id = reportId(channel, date);
	const running = underWay.get(id) ?? make(context, channel, date, now).finally(() => underWay.delete(id));
	underWay.set(id, running);
	return running;
}

async function make(
	context: PaymentsContext,
	channel: ChannelName,
	date: string,
	now: Date
): Promise<Report> {
	const bill = await billOf(context, channel, date);
	const known = await knownOf(context, channel, bill);
	const expected = await expectedOn(context, channel, date);
	const { matched, missing, ...differing } = compare(channel, bill, known, expected);
	const absent = await onNoEarlierBill(context, channel, date, missing);
	const lists = { ...differing, oursOnly: absent.map(booked => difference(channel, booked, booked, null)) };
	return {
		_id: reportId(channel, date),
		channel,
		date,
		madeAt: now,
		bill: sumsOf(bill),
		books: sumsOf([...matched, ...absent]),
		differences: Object.values(lists).reduce((sum, list) => sum + list.length, 0),
		oursOnly: lists.oursOnly.slice(0, MOST_LISTED),
		theirsOnly: lists.theirsOnly.slice(0, MOST_LISTED),
		amountDiffers: lists.amountDiffers.slice(0, MOST_LISTED)
	};
}

/** Stores the report in the place of `former`; whoever is first says what is wrong, and theirs is the one that stands. */
async function keep(context: PaymentsContext, made: Report, former: Report | null): Promise<Report> {
	const { channel, date, differences } = made;
	const news = differences > 0 ? [fact("payment.books_differ", { channel, date, differences })] : [];
	if (!(await write(context, made, former, news))) return context.reconciliations.get(made._id);
	if (differences > 0)
		context.logger.error({ channel, date, differences }, "The channel's books differ from ours");
	return made;
}

async function write(
	{ reconciliations }: PaymentsContext,
	made: Report,
	former: Report | null,
	news: Fact[]
) {
	const { _id, ...rest } = made;
	if (former)
		return (await reconciliations.change({ _id, madeAt: former.madeAt }, { $set: rest }, news)) !== null;
	try {
		await reconciliations.insert(made, ...news);
		return true;
	} catch (err) {
		if (err instanceof DuplicateKey) return false;
		throw err;
	}
}

async function billOf(
	{ channels }: PaymentsContext,
	channel: ChannelName,
	date: string
): Promise<readonly BillRow[]> {
	const answer = await channels.of(channel).bill(date);
	if (answer.outcome === "bill") return answer.rows;
	const cause = answer.outcome === "refused" ? answer.code : answer.cause;
	throw new Refusal("SERVICE_UNAVAILABLE", `${channel} gives no bill of ${date} now: ${cause}`, {
		channel,
		date,
		cause
	});
}

/** What the books have under the numbers of the bill, of whatever day. */
async function knownOf(
	context: PaymentsContext,
	channel: ChannelName,
	bill: readonly BillRow[]
): Promise<BookEntry[]> {
	const found: BookEntry[] = [];
	for (let at = 0; at < bill.length; at += AT_ONCE) {
		const rows = bill.slice(at, at + AT_ONCE);
		const paymentNos = rows.flatMap(({ kind, paymentNo }) => (kind === "payment" ? paymentNo : []));
		const refundNos = rows.flatMap(({ refundNo }) => refundNo ?? []);
		const payments = await context.payments.find({ paymentNo: { $in: paymentNos }, channel });
		const refunds = await context.refunds.find({ _id: { $in: refundNos }, channel });
		// Money that we were never told of: the channel is asked, and with its signed yes it is taken in late.
		const settled = await Promise.all(
			payments.map(async p => (p.paidAt ? p : refreshFromChannel(context, p)))
		);
		const paidOut = await Promise.all(
			refunds.map(async r => (r.status === "failed" ? recheckFailedRefund(context, r) : r))
		);
		found.push(...settled.flatMap(paid), ...paidOut.flatMap(sentBack));
	}
	return found;
}

/** Without what the channel may have had before midnight, and has on an earlier bill. */
async function onNoEarlierBill(
	context: PaymentsContext,
	channel: ChannelName,
	date: string,
	missing: readonly BookEntry[]
): Promise<readonly BookEntry[]> {
	const daysOf = ({ since }: BookEntry) =>
		earlierDays(date, new Date(since.getTime() - NEAR_MIDNIGHT_MS), DAYS_BACK);
	let absent = missing;
	for (const day of new Set(missing.flatMap(daysOf))) {
		const bill = keysOf(await billOf(context, channel, day));
		absent = absent.filter(booked => !isIn(bill, booked));
	}
	return absent;
}

/** What should be on the bill of this day. The last minutes of a day are left to the next, which looks at both bills. */
async function expectedOn(
	context: PaymentsContext,
	channel: ChannelName,
	date: string
): Promise<BookEntry[]> {
	const { from, to } = beijingDayBounds(date);
	const early = (at: Date) => new Date(at.getTime() - NEAR_MIDNIGHT_MS);
	const at = { $gte: early(from), $lt: early(to) };
	const payments = await context.payments.find({ channel, paidAt: at });
	const refunds = await context.refunds.find({ channel, acceptedAt: at });
	return [...payments.flatMap(paid), ...refunds.flatMap(sentBack)];
}

/** What cost nothing never was at the channel. */
const paid = ({ paymentNo, orderId, paidAmount, paidAt }: Payment): BookEntry[] =>
	paidAt && paidAmount
		? [{ kind: "payment", paymentNo, refundNo: null, amount: paidAmount, orderId, since: paidAt }]
		: [];

const sentBack = ({ _id, paymentNo, orderId, amount, status, createdAt }: Refund): BookEntry[] =>
	status !== "failed" && amount > 0
		? [{ kind: "refund", paymentNo, refundNo: _id, amount, orderId, since: createdAt }]
		: [];
