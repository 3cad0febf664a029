import type { MongoClient } from "mongodb";

/** A heartbeat ends within ten seconds, one way or the other: the driver bounds its connection and its answer. */
const HANGS_AFTER_MS = 30_000;
const LOOK_EVERY_MS = 10_000;

type WatchedClient = Pick<MongoClient, "close" | "connect" | "on">;
export type Warn = (text: string, details: object) => void;

/**
 * Connects a client anew whose monitor of a server hangs, and tries again until it is connected. The driver (7.9) waits for ever
 * for the answer to a heartbeat when the connection closes in the moment in which the heartbeat is sent, and never looks for
 * that server again. A look that comes late because the process stood still proves nothing, so a heartbeat must be seen
 * hanging twice. The returned function ends the watch; a client that is being connected then is closed.
 */
export function reconnectWhenHanging(client: WatchedClient, warn: Warn): () => void {
	/** The heartbeats under way: when they began, by the server's address. */
	const begunAt = new Map<string, number>();
	let seenHanging: number | undefined;
	let mustConnect = false;
	let isConnecting = false;
	let isStopped = false;
	client.on("serverHeartbeatStarted", ({ connectionId }) => begunAt.set(connectionId, performance.now()));
	client.on("serverHeartbeatSucceeded", ({ connectionId }) => begunAt.delete(connectionId));
	client.on("serverHeartbeatFailed", ({ connectionId }) => begunAt.delete(connectionId));
	client.on("serverClosed", ({ address }) => begunAt.delete(address));

	const seeHangingTwice = () => {
		const oldest = Math.min(...begunAt.values());
		const isHanging = performance.now() - oldest > HANGS_AFTER_MS;
		const isKnown = isHanging && oldest === seenHanging;
		seenHanging = isHanging ? oldest : undefined;
		return isKnown;
	};

	const reconnect = async () => {
		isConnecting = true;
		try {
			// A failed attempt leaves the client with closed parts, which only `close` removes.
			await client.close();
			begunAt.clear();
			if (!isStopped) await client.connect();
			mustConnect = false;
		} catch (err) {
			if (!isStopped) warn("MongoDB can't be connected; trying again", { err });
		}
		isConnecting = false;
		if (isStopped) await client.close();
	};

	const look = async () => {
		if (isConnecting) return;
		if (!mustConnect && seeHangingTwice()) {
			mustConnect = true;
			warn(
				"A monitor of MongoDB hangs; connecting anew. Operations under way on any server end with an unknown outcome",
				{}
			);
		}
		if (mustConnect) await reconnect();
	};
	const timer = setInterval(() => void look().catch(() => undefined), LOOK_EVERY_MS).unref();
	return () => {
		isStopped = true;
		clearInterval(timer);
	};
}
