import Redis from "ioredis";
import { Refusal } from "../schemas/errors";

export type RedisOptions = {
	readonly url: string;
	/** A command that takes longer is given up: what it did is not known. */
	readonly commandMs?: number;
	readonly onError: (err: Error) => void;
};

/**
 * A connection of this process to Redis. It comes back by itself after any outage; meanwhile commands fail at once
 * instead of waiting for it. One on which nothing is heard for longer is opened anew, so that a Redis that hangs, or is
 * cut off, is soon as good as gone.
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

/** Runs commands; Redis being away or slow is the shop's trouble for a while, not the client's fault. */
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

/** Removes every key under the prefix, in steps that hold nobody up. */
export async function deleteKeysWithPrefix(redis: Redis, prefix: string): Promise<void> {
	if (redis.status === "wait") await redis.connect();
	for (let cursor = "0"; ;) {
		const [next, keys] = await redis.scan(cursor, "MATCH", `${prefix}:*`, "COUNT", 1000);
		if (keys.length) await redis.unlink(keys);
		if (next === "0") return;
		cursor = next;
	}
}
