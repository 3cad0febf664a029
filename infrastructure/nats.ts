import { readFileSync } from "node:fs";
import { credsAuthenticator, type ConnectionOptions } from "nats";
import type { Settings } from "../settings";

/**
 * How every connection of this process to NATS is made: the bus and the queue of facts alike. It waits for a server that is
 * not there yet and comes back after any outage. User and password stand in the first address, or in a credentials file.
 */
export function natsOptions({ servers, credsFile, tls }: NonNullable<Settings["nats"]>): ConnectionOptions {
	const urls = servers.map(server => new URL(server));
	const { username = "", password = "" } = urls.find(url => url.username) ?? {};
	const secured = urls.some(url => url.protocol === "tls:") || tls.caFile || tls.certFile;
	return {
		servers: urls.map(url => url.host),
		...(username && !password && { token: decodeURIComponent(username) }),
		...(password && { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
		...(credsFile && { authenticator: credsAuthenticator(readFileSync(credsFile)) }),
		...(secured && {
			tls: {
				...(tls.caFile && { caFile: tls.caFile }),
				...(tls.certFile && { certFile: tls.certFile }),
				...(tls.keyFile && { keyFile: tls.keyFile })
			}
		}),
		maxReconnectAttempts: -1,
		reconnectTimeWait: 250,
		waitOnFirstConnect: true,
		// Of one attempt. A server that takes the connection and says nothing would else hold it for 20 s, also when all is
		// well again for a new one.
		timeout: 5000,
		pingInterval: 5000,
		maxPingOut: 2
	};
}
