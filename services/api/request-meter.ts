import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServiceBroker } from "moleculer";
import { openMetrics } from "../../mixins/metrics.mixin";
import type { RequestNotes } from "./access-log";
import { API_METRICS } from "./api.metrics";

/** Status of a request whose client left before its answer, as in nginx. */
const CLIENT_LEFT = "499";

/** Measures each request that it is given when the answer has ended: status and duration by route. */
export function createRequestMeter(
	broker: ServiceBroker
): (req: IncomingMessage & RequestNotes, res: ServerResponse) => void {
	const { duration, responses } = openMetrics(broker, API_METRICS);
	return (req, res) => {
		const startedAt = performance.now();
		res.once("close", () => {
			const { route = "(no route)", isStream = false } = req;
			const status = res.writableFinished || isStream ? String(res.statusCode) : CLIENT_LEFT;
			responses({ route, status });
			if (!isStream) duration((performance.now() - startedAt) / 1000, { route });
		});
	};
}
