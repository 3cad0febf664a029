import { fact } from "../../schemas/registry";
import { DAY_MS } from "../../schemas/values/durations";
import type { Parcel } from "./parcel.domain";
import type { ShippingContext } from "./shipping.context";
import { applyReport, isReportOf, planNextPoll } from "./tracking.domain";
import type { TrackingReport, TrackingService } from "./tracking/tracking-service";

type Context = Pick<ShippingContext, "parcels" | "config" | "logger" | "tracking">;
/** The longest pause between two queries at the emulated service. */
const LONGEST_SANDBOX_PAUSE_MS = 60_000;

/** Writes what a tracking service reports, with the facts about it. A report that says nothing new changes nothing. */
export async function recordReport(context: Context, id: string, report: TrackingReport): Promise<Parcel> {
	return context.parcels.rewrite(id, parcel => {
		const now = new Date();
		const change = isReportOf(parcel, report) ? applyReport(parcel, report, now) : null;
		if (!change) return null;
		const { set, isNewStatus } = change;
		const next =
			set.deliveredAt || parcel.erased ? null : planPoll(context, { ...parcel, pollCount: 0 }, now);
		const { orderId, userId, cause, trackingNo } = parcel;
		const subject = { shipmentId: id, orderId, userId, cause, trackingNo };
		return {
			guard: { version: parcel.version, state: "sent" },
			update: {
				$set: { ...set, pollCount: 0, ...(next && { nextPollAt: next }) },
				...(!next && { $unset: { nextPollAt: "" } }),
				$inc: { version: 1 }
			},
			facts: [
				...(isNewStatus
					? [fact("shipment.updated", { ...subject, status: set.status, at: now.toISOString() })]
					: []),
				...(set.deliveredAt
					? [
							fact("shipment.delivered", {
								...subject,
								deliveredAt: set.deliveredAt.toISOString()
							})
						]
					: [])
			]
		};
	});
}

function planPoll({ config, tracking }: Context, parcel: Parcel, now: Date): Date | null {
	const firstMs = tracking()?.firstPollMs ?? null;
	const configuredMs = config.get("shipping.pollAfter") * 1000;
	return planNextPoll(
		parcel,
		{
			firstMs,
			longestMs: firstMs === null ? configuredMs : Math.min(configuredMs, LONGEST_SANDBOX_PAUSE_MS),
			trackMs: config.get("shipping.trackDays") * DAY_MS
		},
		now
	);
}

/** Asks the tracking service about the parcels that are due. Without an account there none is tracked. */
export async function pollDueParcels(context: Context): Promise<void> {
	const service = context.tracking();
	if (!service) return;
	const due = await context.parcels.find(
		{ nextPollAt: { $lte: new Date() } },
		{ sort: { nextPollAt: 1 }, limit: 50 }
	);
	await Promise.all(due.map(parcel => pollParcel(context, service, parcel)));
}

/** Plans the next poll, then subscribes, and asks where a push should have come by now. Of several processes one does. */
async function pollParcel(context: Context, service: TrackingService, parcel: Parcel): Promise<void> {
	const { _id, pollCount, nextPollAt } = parcel;
	const next = planPoll(context, parcel, new Date());
	const planned = await context.parcels.change(
		{ _id, pollCount, ...(nextPollAt && { nextPollAt }) },
		next
			? { $set: { nextPollAt: next }, $inc: { pollCount: 1, version: 1 } }
			: { $unset: { nextPollAt: "" }, $inc: { version: 1 } }
	);
	if (!planned || !next) return;
	if (!parcel.subscribed) await subscribeParcel(context, service, parcel);
	if (pollCount > 0) await queryParcel(context, service, parcel);
}

/** Resolves to whether the tracking service pushes what happens to the parcel. */
async function subscribeParcel(
	{ parcels, logger }: Context,
	service: TrackingService,
	parcel: Parcel
): Promise<boolean> {
	const result = await service.subscribe(parcel);
	if (result.outcome === "failed") {
		logger.warn(
			{ shipmentId: parcel._id, provider: service.name, detail: result.detail },
			"The tracking service did not accept a parcel"
		);
		return false;
	}
	await parcels.change({ _id: parcel._id }, { $set: { subscribed: true }, $inc: { version: 1 } });
	return true;
}

/** Subscribes a parcel before its turn, unless it is subscribed. */
export async function subscribeNow(context: Context, parcel: Parcel): Promise<void> {
	const service = context.tracking();
	if (service && !parcel.subscribed) await subscribeParcel(context, service, parcel);
}

async function queryParcel(context: Context, service: TrackingService, parcel: Parcel): Promise<Parcel> {
	const { _id: shipmentId } = parcel;
	const result = await service.query(parcel);
	if (result.outcome === "report") return recordReport(context, shipmentId, result.report);
	if (result.outcome === "failed")
		context.logger.warn(
			{ shipmentId, provider: service.name, detail: result.detail },
			"The tracking service did not say where a parcel is"
		);
	return parcel;
}

export const refreshParcels = (context: Context, parcels: readonly Parcel[]): Promise<Parcel[]> =>
	Promise.all(parcels.map(parcel => refreshParcel(context, parcel)));

/**
 * The parcel as the tracking service knows it now, for a client who looks at it. The service is asked at most as often as it
 * allows, whoever looks; a parcel that is delivered or not tracked stays as it is.
 */
async function refreshParcel(context: Context, parcel: Parcel): Promise<Parcel> {
	const service = context.tracking();
	if (!service || !parcel.nextPollAt) return parcel;
	const now = new Date();
	const { _id, askedAt = parcel.shippedAt } = parcel;
	if (now.getTime() - askedAt.getTime() < service.minQueryGapMs) return parcel;
	const guard = parcel.askedAt ? { askedAt: parcel.askedAt } : { askedAt: { $exists: false } };
	const mine = await context.parcels.change({ _id, ...guard }, { $set: { askedAt: now } });
	return mine ? queryParcel(context, service, mine) : parcel;
}
