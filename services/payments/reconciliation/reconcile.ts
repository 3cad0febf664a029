import { logError } from "../../../mixins/platform";
import { DuplicateKey } from "../../../mixins/store.mixin";
import { beijingDay } from "../../../schemas/values/beijing-day";
import { invalid } from "../../../schemas/errors/errors";
import type { ChannelName, Reconciliation } from "../../../schemas/payments.contract";
import { fact } from "../../../schemas/registry";
import type { PaymentsContext } from "../payments.context";
import { excludeBilledEarlier, fetchBill, findExpectedEntries, refreshKnownEntries } from "./collect-entries";
import {
	buildReportId,
	compareBooks,
	isBillReady,
	listDueDays,
	sumEntries,
	toDayView,
	toDifference,
	type Report
} from "./reconciliation.domain";

/** Missed mornings are caught up on, this many days back. */
const MAX_DAYS_BACK = 7;
/** Bounds each list of differences in a report. More differences than that come from wrong settings. */
const MAX_LISTED = 1000;

/** Answers a day's reports; makes and stores those that are missing or asked for `again`. */
export async function getOrCreateReports(
	context: PaymentsContext,
	date: string,
	{ channel, again = false }: { channel?: ChannelName | undefined; again?: boolean | undefined },
	now = new Date()
): Promise<Reconciliation> {
	if (date > beijingDay(now)) throw invalid("date", "futureDay");
	const names = context.channels.names.filter(name => channel === undefined || name === channel);
	const storedReports = await context.reconciliations.find({
		_id: { $in: names.map(name => buildReportId(name, date)) }
	});
	const reports = names.map(async name => {
		const former = storedReports.find(report => report.channel === name) ?? null;
		if (former && !again) return { ...former, stored: true };
		const report = await createReportOnce(context, name, date, now);
		if (!isBillReady(date, context.config.get("payments.reconcileHour"), now))
			return { ...report, stored: false };
		return { ...(await storeReport(context, report, former)), stored: true };
	});
	return toDayView(date, await Promise.all(reports));
}

/** Reconciles every day that has a bill and no report. Where several processes do so, the first report stands. */
export async function reconcileDueDays(context: PaymentsContext, now = new Date()): Promise<void> {
	const { payments, reconciliations, channels, config, logger } = context;
	const [first] = await payments.find({}, { sort: { _id: 1 }, limit: 1, fields: ["createdAt"] });
	const days = listDueDays(
		now,
		config.get("payments.reconcileHour"),
		first?.createdAt ?? null,
		MAX_DAYS_BACK
	);
	const due = days.flatMap(date =>
		channels.names.map(channel => ({ channel, date, _id: buildReportId(channel, date) }))
	);
	const stored = await reconciliations.find(
		{ _id: { $in: due.map(({ _id }) => _id) } },
		{ fields: ["_id"] }
	);
	const storedIds = new Set(stored.map(({ _id }) => _id));
	for (const { channel, date } of due.filter(({ _id }) => !storedIds.has(_id)))
		// A channel that is down must not keep the other waiting.
		await createReportOnce(context, channel, date, now)
			.then(report => storeReport(context, report, null))
			.catch((err: unknown) => logError(logger, "RECONCILIATION_FAILED", { err, channel, date }));
}

const underWay = new Map<string, Promise<Report>>();
/** Concurrent callers in this process share one report, and so one download of the bill. */
function createReportOnce(
	context: PaymentsContext,
	channel: ChannelName,
	date: string,
	now: Date
): Promise<Report> {
	const id = buildReportId(channel, date);
	const running =
		underWay.get(id) ?? createReport(context, channel, date, now).finally(() => underWay.delete(id));
	underWay.set(id, running);
	return running;
}

async function createReport(
	context: PaymentsContext,
	channel: ChannelName,
	date: string,
	now: Date
): Promise<Report> {
	const bill = await fetchBill(context, channel, date);
	const known = await refreshKnownEntries(context, channel, bill);
	const expected = await findExpectedEntries(context, channel, date);
	const { matched, missing, theirsOnly, amountDiffers } = compareBooks(channel, bill, known, expected);
	const unbilled = await excludeBilledEarlier(context, channel, date, missing, MAX_DAYS_BACK);
	const oursOnly = unbilled.map(entry => toDifference(channel, entry, entry, null));
	return {
		_id: buildReportId(channel, date),
		channel,
		date,
		madeAt: now,
		bill: sumEntries(bill),
		books: sumEntries([...matched, ...unbilled]),
		differences: oursOnly.length + theirsOnly.length + amountDiffers.length,
		oursOnly: oursOnly.slice(0, MAX_LISTED),
		theirsOnly: theirsOnly.slice(0, MAX_LISTED),
		amountDiffers: amountDiffers.slice(0, MAX_LISTED)
	};
}

/** Stores the report in place of `former`, with the fact of its differences. Where another process was faster, answers its report. */
async function storeReport(context: PaymentsContext, report: Report, former: Report | null): Promise<Report> {
	const { channel, date, differences } = report;
	if (!(await writeReport(context, report, former))) return context.reconciliations.get(report._id);
	if (differences > 0) logError(context.logger, "RECONCILIATION_DIFFERS", { channel, date, differences });
	return report;
}

async function writeReport(
	{ reconciliations }: PaymentsContext,
	report: Report,
	former: Report | null
): Promise<boolean> {
	const { _id, ...fields } = report;
	const { channel, date, differences } = report;
	const facts = differences > 0 ? [fact("payment.books_differ", { channel, date, differences })] : [];
	if (former) {
		const notReplaced = { _id, madeAt: former.madeAt };
		return (await reconciliations.change(notReplaced, { $set: fields }, facts)) !== null;
	}
	try {
		await reconciliations.insert(report, ...facts);
		return true;
	} catch (err) {
		if (err instanceof DuplicateKey) return false;
		throw err;
	}
}
