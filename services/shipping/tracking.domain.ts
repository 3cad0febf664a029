import type { ParcelStatus } from "../../schemas/shipping.contract";
import { toNumberKey, type Parcel, type TrackingEvent } from "./parcel.domain";
import type { TrackingReport } from "./tracking/tracking-service";

/** Order of the stages of a parcel's way, for events of the same second. */
const RANK: Readonly<Record<ParcelStatus, number>> = {
	sent: 0,
	collected: 1,
	transit: 2,
	exception: 3,
	delivering: 4,
	returned: 5,
	delivered: 6
};
/** Most events that are kept of a parcel. */
const MAX_EVENTS = 200;

/** What a report changes of a parcel; null where it says nothing new. */
export type TrackingChange = {
	readonly set: Pick<Parcel, "status" | "events"> & Partial<Pick<Parcel, "deliveredAt">>;
	readonly isNewStatus: boolean;
};

/**
 * Applies a report to a parcel. Reports come twice, late and in any order: events are added to those that are known, the status
 * follows the newest event, and a delivery is final.
 */
export function applyReport(
	parcel: Pick<Parcel, "status" | "events" | "shippedAt" | "erased">,
	report: TrackingReport,
	now: Date
): TrackingChange | null {
	const events = parcel.erased ? [] : mergeEvents(parcel.events, report.events);
	const status = decideStatus(parcel, report);
	const isNewStatus = status !== parcel.status;
	if (!isNewStatus && events.length === parcel.events.length) return null;
	const isDelivered = isNewStatus && status === "delivered";
	return {
		set: { status, events, ...(isDelivered && { deliveredAt: findDelivery(parcel, report, now) }) },
		isNewStatus
	};
}

function mergeEvents(known: readonly TrackingEvent[], reported: readonly TrackingEvent[]): TrackingEvent[] {
	const keyOf = ({ at, text }: TrackingEvent) => `${at.getTime()} ${text}`;
	const byKey = new Map([...reported, ...known].map(event => [keyOf(event), event]));
	return [...byKey.values()]
		.sort((a, b) => b.at.getTime() - a.at.getTime() || RANK[b.status] - RANK[a.status])
		.slice(0, MAX_EVENTS);
}

const newestOf = (events: readonly TrackingEvent[]) => Math.max(0, ...events.map(({ at }) => at.getTime()));

function decideStatus(
	{ status, events }: Pick<Parcel, "status" | "events">,
	report: TrackingReport
): ParcelStatus {
	if (status === "delivered" || report.status === "delivered") return "delivered";
	const [known, latestReported] = [newestOf(events), newestOf(report.events)];
	const isLater =
		latestReported > known || (latestReported === known && RANK[report.status] > RANK[status]);
	return isLater ? report.status : status;
}

/** The time of the delivery as the report tells it, but neither before the sending nor in the future. */
function findDelivery({ shippedAt }: Pick<Parcel, "shippedAt">, { events }: TrackingReport, now: Date): Date {
	const delivered = events.filter(({ status }) => status === "delivered");
	const reportedAt = newestOf(delivered.length ? delivered : events) || now.getTime();
	return new Date(Math.min(Math.max(reportedAt, shippedAt.getTime()), now.getTime()));
}

export const isReportOf = (parcel: Pick<Parcel, "numberKey">, { trackingNo }: TrackingReport): boolean =>
	toNumberKey(trackingNo) === parcel.numberKey;

const FIRST_RETRY_MS = 60_000;

/**
 * Time of the next query about a parcel whose tracking service was asked so often without news: pauses double up to `longestMs`.
 * Null once the parcel is too old to be tracked.
 */
export function planNextPoll(
	{ pollCount, shippedAt, subscribed }: Pick<Parcel, "pollCount" | "shippedAt" | "subscribed">,
	terms: { readonly firstMs: number | null; readonly longestMs: number; readonly trackMs: number },
	now: Date
): Date | null {
	if (now.getTime() - shippedAt.getTime() > terms.trackMs) return null;
	const firstMs = terms.firstMs ?? (subscribed ? terms.longestMs : FIRST_RETRY_MS);
	const pauseMs = Math.min(terms.longestMs, firstMs * 2 ** Math.min(pollCount, 20));
	return new Date(now.getTime() + pauseMs);
}
