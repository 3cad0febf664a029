import { readFileSync } from "node:fs";
import { connect, credsAuthenticator, ErrorCode, NatsError, type ConnectionOptions } from "nats";
import type { Settings } from "../settings";
import { findNatsUser } from "./nats-user";

/**
 * The options of every connection of this process to NATS: those of the bus and of the facts transport. A connection waits
 * for a server that is not there yet, and reconnects after any outage. User and password are part of the first address, or
 * are in a credentials file.
 */
export function toNatsOptions({ servers, credsFile, tls }: NonNullable<Settings["nats"]>): ConnectionOptions {
	const urls = servers.map(server => new URL(server));
	const { username = "", password = "" } = urls.find(url => url.username) ?? {};
	const user = findNatsUser(servers);
	const secured = urls.some(url => url.protocol === "tls:") || tls.caFile || tls.certFile;
	return {
		servers: urls.map(url => url.host),
		...(username && !password && { token: decodeURIComponent(username) }),
		...(password && { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
		...(user && { inboxPrefix: `_INBOX_${user}` }),
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
		// The time-out of one attempt to connect. By default a server that accepts the connection and stays silent holds the
		// attempt for 20 s, also when it has recovered and a new attempt would succeed.
		timeout: 5000,
		pingInterval: 5000,
		maxPingOut: 2
	};
}

const NO_JETSTREAM: string = ErrorCode.JetStreamNotEnabled;

/** Connects once and closes. Rejects when NATS does not answer, refuses this client, or runs without JetStream. */
export async function probeNats(options: ConnectionOptions): Promise<void> {
	const connection = await connect({ ...options, waitOnFirstConnect: false, maxReconnectAttempts: 0 });
	try {
		await connection.jetstreamManager({ timeout: options.timeout ?? 5000 });
	} catch (err) {
		throw err instanceof NatsError && err.code === NO_JETSTREAM
			? new Error("no JetStream: nats-server needs -js", { cause: err.cause })
			: err;
	} finally {
		await connection.close();
	}
}
