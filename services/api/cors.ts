import type { IncomingMessage } from "node:http";
import { settings } from "../../settings";

/** Origin of the pages under `PUBLIC_URL`. A proxy may pass their requests on under another `Host`. */
const publicOrigin = settings.publicUrl && new URL(settings.publicUrl).origin;

/**
 * Origin of the page of another site that sends the request; null for a page of the gateway itself, which needs nobody's
 * permission although browsers name its origin when it writes, and for a client that is no browser.
 */
export function foreignOriginOf({ headers: { origin, host } }: IncomingMessage): string | null {
	if (origin === undefined || origin === publicOrigin) return null;
	return URL.canParse(origin) && new URL(origin).host === host ? null : origin;
}
