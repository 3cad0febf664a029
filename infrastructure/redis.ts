import Redis from "ioredis";
import { Refusal } from "../schemas/errors/errors";

export type RedisOptions = {
	readonly url: string;
	/** Commands that take longer reject; whether they took effect is unknown then. 2000 ms by default. */
	readonly commandMs?: number;
	readonly onError: (err: Error) => void;
};

/**
 * A connection of this process to Redis. It reconnects by itself after any outage; meanwhile commands reject at once instead
 * of waiting for it. A connection that has been silent for longer than a command may take is reopened, so that a Redis
 * that hangs or was cut off soon counts as gone.
 */
export const createRedisConnection = ({ url, commandMs = 2_000, onError }: RedisOptions): Redis =>
	new Redis(url, {
		lazyConnect: true,
		enableOfflineQueue: false,
		commandTimeout: commandMs,
		socketTimeout: commandMs + 500,
		connectTimeout: 5_000,
		maxRetriesPerRequest: 0,
		retryStrategy: attempt => Math.min(50 * attempt, 1_000)
	}).on("error", onError);

/** Connects once and disconnects. Rejects when Redis does not answer or refuses this client. */
export async function probeRedis(url: string): Promise<void> {
	let failure: Error | undefined;
	const redis = new Redis(url, {
		lazyConnect: true,
		connectTimeout: 5_000,
		commandTimeout: 5_000,
		maxRetriesPerRequest: 0,
		retryStrategy: () => null
	}).on("error", err => (failure = err)); // of `connect` one only learns that the connection is closed
	try {
		await redis.connect();
		await redis.ping();
	} catch (err) {
		throw failure ?? err;
	} finally {
		redis.disconnect();
	}
}

/** Runs Redis commands, and turns an outage of Redis into the refusal SERVICE_UNAVAILABLE (503). */
export async function refuseOnOutage<V>(work: () => Promise<V>): Promise<V> {
	try {
		return await work();
	} catch (err) {
		if (!isOutage(err)) throw err;
		throw new Refusal("SERVICE_UNAVAILABLE", "The store of short-lived values does not answer");
	}
}

const isOutage = (err: unknown) =>
	err instanceof Error &&
	/Command timed out|Connection is closed|Stream isn't writeable|max retries per request|Socket timeout|ECONN|EPIPE|ETIMEDOUT|LOADING|READONLY|MASTERDOWN|MISCONF|OOM/.test(
		err.message
	);

/** Deletes every key that begins with `<prefix>:`, in steps that block Redis for no other client. */
export async function deleteKeysWithPrefix(redis: Redis, prefix: string): Promise<void> {
	if (redis.status === "wait") await redis.connect();
	for (let cursor = "0"; ;) {
		const [next, keys] = await redis.scan(cursor, "MATCH", `${prefix}:*`, "COUNT", 1000);
		if (keys.length) await redis.unlink(keys);
		if (next === "0") return;
		cursor = next;
	}
}
