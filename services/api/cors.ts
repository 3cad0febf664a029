import type { IncomingHttpHeaders } from "node:http";

/** `publicUrl` is where the gateway is reached, empty where it listens; `corsOrigins` are those of other sites' pages that may call. */
export type CorsPolicy = { readonly publicUrl: string; readonly corsOrigins: readonly string[] };

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/** Request headers that clients of the contract send. */
const REQUEST_HEADERS = [
	"Authorization",
	"Content-Type",
	"Idempotency-Key",
	"X-Cart-Id",
	"X-Request-Id",
	"Accept-Language",
	"If-None-Match"
];
/** Response headers that a client may need, beside those that browsers show to every page. `Date` is the shop's clock. */
export const EXPOSED_HEADERS = [
	"X-Request-Id",
	"X-Cart-Id",
	"Idempotency-Replayed",
	"Retry-After",
	"ETag",
	"WWW-Authenticate",
	"Date"
];
/** How long a browser may remember what it was allowed, instead of asking before each request. */
const PREFLIGHT_SECONDS = 600;

/**
 * The response headers by which a browser lets the page of another origin read the answer (https://fetch.spec.whatwg.org,
 * "HTTP-CORS protocol"). Empty where nothing has to be allowed; null where the origin is refused. Credentials are never
 * allowed: the shop has no cookies.
 */
export function buildCorsHeaders(
	{ origin, host }: Pick<IncomingHttpHeaders, "origin" | "host">,
	{ isPreflight }: { readonly isPreflight: boolean },
	{ publicUrl, corsOrigins }: CorsPolicy
): Readonly<Record<string, string>> | null {
	if (origin === undefined || corsOrigins.length === 0 || isOwnOrigin(origin, host, publicUrl)) return {};
	if (!corsOrigins.includes(origin)) return null;
	return {
		"Access-Control-Allow-Origin": origin,
		"Access-Control-Expose-Headers": EXPOSED_HEADERS.join(", "),
		...(isPreflight && {
			"Access-Control-Allow-Methods": METHODS.join(", "),
			"Access-Control-Allow-Headers": REQUEST_HEADERS.join(", "),
			"Access-Control-Max-Age": String(PREFLIGHT_SECONDS)
		})
	};
}

/**
 * Browsers name the origin of the gateway's own pages too when these write. Behind a proxy that changes `Host` their origin
 * is known by `PUBLIC_URL`.
 */
const isOwnOrigin = (origin: string, host: string | undefined, publicUrl: string): boolean =>
	URL.canParse(origin) &&
	(new URL(origin).host === host || (publicUrl !== "" && new URL(publicUrl).origin === origin));
