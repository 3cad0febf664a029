import type { MongoClient } from "mongodb";

/** A heartbeat ends within ten seconds, one way or the other: the driver bounds its connection and its answer. */
const HANGS_AFTER_MS = 30_000;
const LOOK_EVERY_MS = 10_000;

type WatchedClient = Pick<MongoClient, "close" | "connect" | "on">;

/**
 * Connects a client anew whose monitor of a server hangs. The driver (7.9) waits for ever for the answer to a heartbeat when
 * the connection closes in the moment in which the heartbeat is sent, and never looks for that server again. A look that
 * comes late because the process stood still proves nothing, so a heartbeat must be seen hanging twice. The returned function
 * ends the watch.
 */
export function reconnectWhenHanging(client: WatchedClient): () => void {
	/** The heartbeats under way: when they began, by the server's address. */
	const begunAt = new Map<string, number>();
	let seenHanging: number | undefined;
	client.on("serverHeartbeatStarted", ({ connectionId }) => begunAt.set(connectionId, performance.now()));
	client.on("serverHeartbeatSucceeded", ({ connectionId }) => begunAt.delete(connectionId));
	client.on("serverHeartbeatFailed", ({ connectionId }) => begunAt.delete(connectionId));
	client.on("serverClosed", ({ address }) => begunAt.delete(address));

	const look = async () => {
		const oldest = Math.min(...begunAt.values());
		const isHanging = performance.now() - oldest > HANGS_AFTER_MS;
		const isKnown = isHanging && oldest === seenHanging;
		seenHanging = isHanging ? oldest : undefined;
		if (!isKnown) return;
		begunAt.clear();
		await client.close();
		await client.connect();
	};
	const timer = setInterval(() => void look().catch(() => undefined), LOOK_EVERY_MS).unref();
	return () => clearInterval(timer);
}
