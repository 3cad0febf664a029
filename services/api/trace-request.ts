import type { IncomingMessage, ServerResponse } from "node:http";
import { tracing } from "../../mixins/platform";
import { API_BASE } from "../../schemas/kit/contract";
import type { RequestNotes } from "./access-log";
import { EVENT_ROUTES } from "./live-events/event-routes";

const STREAMS: ReadonlySet<string | undefined> = new Set(
	EVENT_ROUTES.map(({ path }) => `${API_BASE}${path}`)
);

/** Traces a request of the API where tracing is on. Pages, health checks, and live events, which last for hours, are not traced. */
export function traceRequest(
	req: IncomingMessage,
	res: ServerResponse,
	requestId: string,
	handle: () => Promise<void>
): Promise<void> {
	const { url = "" } = req;
	if (!tracing || !url.startsWith(`${API_BASE}/`) || STREAMS.has(url.split("?")[0])) return handle();
	const { traceRequest: trace, describeActiveSpan } = tracing;
	return trace(req, res, requestId, () => {
		Object.assign(req, { span: describeActiveSpan() } satisfies RequestNotes);
		return handle();
	});
}
