import type { ParcelStatus } from "../../../schemas/shipping.contract";
import type { Parcel, TrackingEvent } from "../parcel.domain";

/** What a tracking service knows of a parcel: all events so far, or those of an earlier time where the report is late. */
export type TrackingReport = {
	readonly trackingNo: string;
	readonly status: ParcelStatus;
	readonly events: readonly TrackingEvent[];
};
export type Tracked = Pick<Parcel, "trackingNo" | "carrierCode" | "phoneTail">;

/** `detail` is for the log and holds no secret and nothing of the receiver. */
export type Failed = { readonly outcome: "failed"; readonly detail: string };
export type SubscribeResult = { readonly outcome: "accepted" } | Failed;
/** `nothing`: the parcel was not seen yet. */
export type QueryResult =
	| { readonly outcome: "report"; readonly report: TrackingReport }
	| { readonly outcome: "nothing" }
	| Failed;

/** Why a push is not applied: it was not signed by the service, or can't be read. */
export class PushRejected extends Error {
	constructor(readonly reason: "forged" | "unreadable") {
		super(`A push was ${reason}`);
	}
}
/** `retry`: the service should send the push again later. */
export type PushVerdict = "accepted" | "rejected" | "retry";

/** A service that knows where parcels of many carriers are. */
export interface TrackingService {
	readonly name: string;
	/** Least time between two queries for one parcel. */
	readonly minQueryGapMs: number;
	/** Time after which a silent service is asked for the first time; null: as the config value says. */
	readonly firstPollMs: number | null;
	/** Asks the service to push what happens to the parcel. A repetition is accepted. */
	subscribe(parcel: Tracked): Promise<SubscribeResult>;
	query(parcel: Tracked): Promise<QueryResult>;
	/** Verifies and reads a push; null for one without news. Throws PushRejected. */
	readPush(body: Buffer): TrackingReport | null;
	/** The answer to a push in the service's own form. */
	acknowledge(verdict: PushVerdict): { readonly status: number; readonly body: string };
}
