import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import helmet from "helmet";
import { settings } from "../../settings";

const setSecurityHeaders = helmet({
	contentSecurityPolicy: {
		directives: {
			"img-src": ["'self'", "data:"],
			"style-src": ["'self'", "'unsafe-inline'"],
			"upgrade-insecure-requests": null
		}
	},
	strictTransportSecurity: settings.production
});

/** The security headers of every response: name, value, name, value … They are the same each time. */
export const SECURITY_HEADERS: readonly string[] = (() => {
	const res = new ServerResponse(new IncomingMessage(new Socket()));
	setSecurityHeaders(res.req, res, () => undefined);
	return Object.entries(res.getHeaders()).flatMap(([name, value]) => [name, String(value)]);
})();
