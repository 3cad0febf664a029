import fc from "fast-check";
import type { ParcelStatus } from "../../schemas/shipping.contract";
import type { TrackingEvent } from "./parcel.domain";
import { applyReport, planNextPoll } from "./tracking.domain";
import type { TrackingReport } from "./tracking/tracking-service";

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 31) + seconds * 1000);
const anEvent = (status: ParcelStatus, seconds: number): TrackingEvent => ({
	at: at(seconds),
	status,
	text: status,
	place: null
});
const WAY = [
	anEvent("collected", 10),
	anEvent("transit", 20),
	anEvent("delivering", 30),
	anEvent("delivered", 40)
];
/** What the service knew after so many events. */
const reportAfter = (events: number): TrackingReport => ({
	trackingNo: "SF1",
	status: WAY[events - 1]?.status ?? "sent",
	events: WAY.slice(0, events).toReversed()
});
const aParcel = { status: "sent" as ParcelStatus, events: [] as readonly TrackingEvent[], shippedAt: at(0) };
const now = at(100);

it("moves on with the newest event, and says nothing of a report that is repeated", () => {
	const first = applyReport(aParcel, reportAfter(2), now);
	const parcel = { ...aParcel, ...first?.set };

	expect(first).toMatchObject({ isNewStatus: true, set: { status: "transit" } });
	expect(applyReport(parcel, reportAfter(2), now)).toBeNull();
	expect(applyReport(parcel, reportAfter(1), now)).toBeNull();
});

it("keeps no event of a parcel whose personal data was erased, only its status", () => {
	const change = applyReport({ ...aParcel, erased: true }, reportAfter(2), now);

	expect(change?.set).toEqual({ status: "transit", events: [] });
});

it("takes the time of the delivery from the report, within the parcel's life", () => {
	const delivered = (seconds: number) =>
		applyReport(
			aParcel,
			{ trackingNo: "SF1", status: "delivered", events: [anEvent("delivered", seconds)] },
			now
		)?.set.deliveredAt;

	expect([delivered(40), delivered(-5), delivered(9999)]).toEqual([at(40), at(0), at(100)]);
});

it("ends at the same state in whatever order and however often the reports come", () => {
	const reports = fc.array(fc.integer({ min: 1, max: WAY.length }), { minLength: 1, maxLength: 12 });
	fc.assert(
		fc.property(reports, order => {
			let parcel = { ...aParcel };
			let deliveries = 0;
			for (const events of order) {
				const change = applyReport(parcel, reportAfter(events), now);
				if (change?.set.deliveredAt) deliveries++;
				parcel = { ...parcel, ...change?.set };
			}

			const furthest = Math.max(...order);
			expect(parcel.status).toBe(WAY[furthest - 1]?.status);
			expect(parcel.events).toEqual(WAY.slice(0, furthest).toReversed());
			expect(deliveries).toBe(furthest === WAY.length ? 1 : 0);
		})
	);
});

it("asks ever more seldom, and no more once the parcel is old", () => {
	const terms = { firstMs: 2_000, longestMs: 60_000, trackMs: 86_400_000 };
	const pauses = [0, 1, 5, 50].map(pollCount => {
		const next = planNextPoll({ pollCount, shippedAt: at(0) }, terms, at(50));
		return (next?.getTime() ?? 0) - at(50).getTime();
	});

	expect(pauses).toEqual([2_000, 4_000, 60_000, 60_000]);
	expect(planNextPoll({ pollCount: 0, shippedAt: at(0) }, terms, at(86_401))).toBeNull();
});
