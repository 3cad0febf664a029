import type { Service, ServiceBroker } from "moleculer";
import { getGatewayUrl, SANDBOX_KUAIDI100 } from "../../../mixins/platform";
import { API_BASE } from "../../../schemas/kit/contract";
import type { Mixin } from "../../../schemas/kit/service";
import { settings } from "../../../settings";
import type { ShippingContext } from "../shipping.context";
import { Kuaidi100 } from "./kuaidi100";
import type { TrackingService } from "./tracking-service";

/** Kuaidi100 locks accounts that ask about one parcel more often. */
const MIN_QUERY_GAP_MS = 30 * 60_000;
const SANDBOX_GAP_MS = 1_000;
const SANDBOX_FIRST_POLL_MS = 2_000;

/** The tracking service of this shop: the emulated one outside production, else that of the settings, or none. */
function createTrackingService(broker: ServiceBroker): TrackingService | null {
	const gateway = getGatewayUrl(broker);
	const callbackUrl = `${gateway}${API_BASE}/shipping/notify/kuaidi100`;
	if (settings.sandbox)
		return new Kuaidi100(
			{ ...SANDBOX_KUAIDI100, baseUrl: `${gateway}${API_BASE}/sandbox/kuaidi100` },
			{ callbackUrl, minQueryGapMs: SANDBOX_GAP_MS, firstPollMs: SANDBOX_FIRST_POLL_MS }
		);
	const { tracking } = settings;
	return (
		tracking &&
		new Kuaidi100(tracking, { callbackUrl, minQueryGapMs: MIN_QUERY_GAP_MS, firstPollMs: null })
	);
}

export const trackingMixin: Mixin<Pick<ShippingContext, "tracking">> = {
	created(this: Service) {
		let created: TrackingService | null | undefined;
		const tracking = () =>
			created === undefined ? (created = createTrackingService(this.broker)) : created;
		Object.assign(this, { tracking });
	}
};
