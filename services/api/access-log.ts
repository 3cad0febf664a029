import type { IncomingMessage, ServerResponse } from "node:http";
import { findOrderId, type Logger } from "../../mixins/platform";
import { settings } from "../../settings";
import type { Request } from "./request";

/** What the gateway notes on a request while it handles it. */
export type RequestNotes = {
	/** Method and path pattern of the route, such as `GET /api/v1/orders/:id`. */
	route?: string;
	/** The error code of the answer. */
	errorCode?: string;
	/** The route answers with a stream, which lasts as long as its client stays. */
	isStream?: boolean;
	/** The order that the request is about. */
	orderId?: string;
	/** The ids of its span, where it is traced. */
	span?: object;
};

/** Notes the order that a request is about, if its parameters or its answer name one. */
export function noteOrder(req: IncomingMessage, action: string, params: unknown, answer?: unknown): void {
	const orderId = findOrderId(action.split(".")[0] ?? "", params, answer);
	if (orderId !== null) Object.assign(req, { orderId } satisfies RequestNotes);
}

/**
 * Logs one line when the answer to a request has ended: every refusal (4xx at level info, 5xx at level warn), so that it can be
 * found by its request id, and with ACCESS_LOG=on every request. A line has neither query nor address nor other personal data.
 */
export function logWhenAnswered(
	logger: Logger,
	req: IncomingMessage & RequestNotes & Partial<Pick<Request, "$ctx">>,
	res: ServerResponse,
	requestId: string
): void {
	const startedAt = performance.now();
	res.once("close", () => {
		const { statusCode: status } = res;
		if (status < 400 && !settings.accessLog) return;
		const line = {
			route: req.route ?? `${req.method} (no route)`,
			status,
			ms: Math.round(performance.now() - startedAt),
			requestId,
			...(req.errorCode && { errorCode: req.errorCode }),
			...(req.orderId && { orderId: req.orderId }),
			...req.span,
			...(req.$ctx?.meta.user && { userId: req.$ctx.meta.user.id })
		};
		if (status >= 500) logger.warn(line, "A request was answered with an error");
		else logger.info(line, status >= 400 ? "A request was refused" : "A request was answered");
	});
}
