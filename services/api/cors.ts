import type { IncomingHttpHeaders } from "node:http";

/**
 * `publicUrl`: the gateway's public address, empty if it is the one it listens on. `corsOrigins`: other origins that may call.
 * Where none are named, pages of this machine may call outside `production`: front ends are developed there.
 */
export type CorsPolicy = {
	readonly publicUrl: string;
	readonly corsOrigins: readonly string[];
	readonly production: boolean;
};

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/** Request headers that the REST contract uses. */
const REQUEST_HEADERS = [
	"Authorization",
	"Content-Type",
	"Idempotency-Key",
	"X-Cart-Id",
	"X-Request-Id",
	"Accept-Language",
	"If-None-Match"
];
/** Response headers that a page may read, beside those that browsers always show. `Date` gives the shop's clock. */
export const EXPOSED_HEADERS = [
	"X-Request-Id",
	"X-Cart-Id",
	"Idempotency-Replayed",
	"Retry-After",
	"RateLimit-Limit",
	"RateLimit-Remaining",
	"RateLimit-Reset",
	"RateLimit-Policy",
	"ETag",
	"WWW-Authenticate",
	"Date"
];
/** How long a browser may cache the answer to a preflight. */
const PREFLIGHT_SECONDS = 600;

/**
 * Response headers that let a page of another origin read the answer (https://fetch.spec.whatwg.org, "HTTP-CORS protocol").
 * Empty if none are needed, null if the origin is refused. Credentials are never allowed: the shop has no cookies.
 */
export function buildCorsHeaders(
	{ origin, host }: Pick<IncomingHttpHeaders, "origin" | "host">,
	{ isPreflight }: { readonly isPreflight: boolean },
	{ publicUrl, corsOrigins, production }: CorsPolicy
): Readonly<Record<string, string>> | null {
	if (origin === undefined || isOwnOrigin(origin, host, publicUrl)) return {};
	if (corsOrigins.length === 0 && (production || !isLocalOrigin(origin))) return {};
	if (corsOrigins.length > 0 && !corsOrigins.includes(origin)) return null;
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
 * Recognises the gateway's own pages: browsers send their Origin too, with writes. Behind a proxy that changes `Host` the own
 * origin is `PUBLIC_URL`.
 */
const isOwnOrigin = (origin: string, host: string | undefined, publicUrl: string): boolean =>
	URL.canParse(origin) &&
	(new URL(origin).host === host || (publicUrl !== "" && new URL(publicUrl).origin === origin));

const isLocalOrigin = (origin: string): boolean =>
	/^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(origin);
