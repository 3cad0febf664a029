import { logError } from "../../mixins/platform";
import { Refusal } from "../../schemas/errors/errors";
import type { RawResponse } from "../../schemas/http.contract";
import { toNumberKey } from "./parcel.domain";
import type { ShippingContext } from "./shipping.context";
import { recordReport } from "./track-parcel";
import { PushRejected, type PushVerdict, type TrackingService } from "./tracking/tracking-service";

/**
 * Receives a push of a tracking service: verifies its raw bytes, writes what is new, and only then acknowledges it. Repeated,
 * late, forged and unknown ones do no harm. One that can't be written now is answered such that it is sent again.
 */
export async function receivePush(
	context: ShippingContext,
	provider: string,
	body: Buffer
): Promise<RawResponse> {
	const service = context.tracking();
	if (service?.name !== provider)
		throw new Refusal("NOT_FOUND", "No such tracking service", {
			what: "path",
			id: provider
		});
	const verdict = await applyPush(context, service, body);
	const answer = service.acknowledge(verdict);
	return {
		status: answer.status,
		headers: { "Content-Type": "application/json" },
		body: Buffer.from(answer.body).toString("base64")
	};
}

async function applyPush(
	context: ShippingContext,
	service: TrackingService,
	body: Buffer
): Promise<PushVerdict> {
	try {
		const report = service.readPush(body);
		const numberKey = report && toNumberKey(report.trackingNo);
		const parcel = numberKey && (await context.parcels.findOne({ numberKey }));
		if (report && parcel && parcel.state === "claimed") return "retry";
		if (report && parcel) await recordReport(context, parcel._id, report);
		context.metrics.pushes({ outcome: parcel ? "applied" : "unknown" });
		return "accepted";
	} catch (err) {
		if (err instanceof PushRejected) {
			context.metrics.pushes({ outcome: err.reason });
			context.logger.warn(
				{ provider: service.name, reason: err.reason },
				"A tracking push was rejected"
			);
			return "rejected";
		}
		logError(context.logger, "TRACKING_PUSH_FAILED", { err, provider: service.name });
		return "retry";
	}
}
