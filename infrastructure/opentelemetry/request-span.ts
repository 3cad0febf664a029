import type { IncomingMessage, ServerResponse } from "node:http";
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import {
	ATTR_ERROR_TYPE,
	ATTR_HTTP_REQUEST_METHOD,
	ATTR_HTTP_RESPONSE_STATUS_CODE,
	ATTR_HTTP_ROUTE,
	ATTR_URL_SCHEME
} from "@opentelemetry/semantic-conventions";
import { getTracer, parseTraceparent } from "./spans";

/**
 * Traces a request to the gateway, as a part of the client's trace if it sent a `traceparent`. The span ends with the response.
 * The span names the route, but neither path nor query nor address, which may be secret or personal.
 */
export function traceRequest<R>(
	req: IncomingMessage & { readonly route?: string; readonly errorCode?: string },
	res: ServerResponse,
	requestId: string,
	handle: () => R
): R {
	const { method = "GET" } = req;
	const parent = parseTraceparent(req.headers.traceparent);
	const attributes = {
		[ATTR_HTTP_REQUEST_METHOD]: method,
		[ATTR_URL_SCHEME]: "http",
		"zjmall.request.id": requestId
	};
	const span = getTracer().startSpan(method, { kind: SpanKind.SERVER, attributes }, parent);
	res.once("close", () => {
		const { statusCode } = res;
		const path = req.route?.split(" ")[1];
		if (path !== undefined) {
			span.updateName(`${method} ${path}`);
			span.setAttribute(ATTR_HTTP_ROUTE, path);
		}
		span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, statusCode);
		if (statusCode >= 400) span.setAttribute(ATTR_ERROR_TYPE, req.errorCode ?? String(statusCode));
		if (statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
		span.end();
	});
	return context.with(trace.setSpan(parent, span), handle);
}
