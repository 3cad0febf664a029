import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import {
	ATTR_ERROR_TYPE,
	ATTR_HTTP_REQUEST_METHOD,
	ATTR_HTTP_RESPONSE_STATUS_CODE,
	ATTR_SERVER_ADDRESS,
	ATTR_SERVER_PORT
} from "@opentelemetry/semantic-conventions";
import type { HttpRequest } from "../http-exchange";
import { formatTraceparent, runInChildSpan } from "./spans";

const DEFAULT_PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/** The status of an answer, or why there is none. */
type Outcome = { readonly status: number | null } | { readonly failure: string };

/**
 * Traces a request to a server outside the shop, and gives `send` the `traceparent` to send along. The span names the server,
 * but not the path: that of a webhook may be its secret.
 */
export function traceExchange<R extends Outcome>(
	{ method, url }: Pick<HttpRequest, "method" | "url">,
	send: (headers: Readonly<Record<string, string>>) => Promise<R>
): Promise<R> {
	const { hostname, port, protocol } = new URL(url);
	const attributes = {
		[ATTR_HTTP_REQUEST_METHOD]: method,
		[ATTR_SERVER_ADDRESS]: hostname,
		[ATTR_SERVER_PORT]: Number(port) || (DEFAULT_PORTS[protocol] ?? 0)
	};
	return runInChildSpan(method, { kind: SpanKind.CLIENT, attributes }, async span => {
		const outcome = await send(span ? { traceparent: formatTraceparent(span) } : {});
		if (!span) return outcome;
		const status = "failure" in outcome ? null : outcome.status;
		if (status !== null) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status);
		else span.setAttribute(ATTR_ERROR_TYPE, "failure" in outcome ? outcome.failure : "network");
		// A channel answers 404 for a payment that it does not know: an answer like any other.
		if (status === null || status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
		return outcome;
	});
}
