import { setTimeout as pause } from "node:timers/promises";
import type Redis from "ioredis";
import { KeyedMutex } from "../keyed-mutex";
import { refuseOnOutage } from "../redis";
import type { KeyValueStore } from "./key-value";

/**
 * Compare and swap. Where the key still holds ARGV[1] (empty: is absent), stores ARGV[2] (empty: deletes the key) for
 * ARGV[3] ms (0: without expiry) and returns 1; returns 0 where the value has changed.
 */
const COMPARE_AND_SWAP = `
	local now = redis.call("GET", KEYS[1])
	if (now or "") ~= ARGV[1] then return 0 end
	if ARGV[2] == "" then redis.call("DEL", KEYS[1])
	elseif ARGV[3] == "0" then redis.call("SET", KEYS[1], ARGV[2])
	else redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3]) end
	return 1`;

/**
 * A key-value store in Redis: JSON under `<prefix>:hot:<key>`. No JSON text is empty, so the script takes an empty one for
 * an absent value. The caller opens and closes the connection.
 */
export function createRedisKeyValueStore(
	redis: Redis,
	{ prefix }: { readonly prefix: string }
): KeyValueStore {
	const redisKey = (key: string) => `${prefix}:hot:${key}`;
	/** Updates of this process don't contend for a key with each other, only with those of other processes. */
	const updates = new KeyedMutex();
	const parse = <V>(text: string | null) => (text === null ? null : (JSON.parse(text) as V));
	return {
		get: <V>(key: string) => refuseOnOutage(async () => parse<V>(await redis.get(redisKey(key)))),

		update: <V>(key: string, next: (before: V | null) => V | null, ttlMs?: number) =>
			updates.runExclusive(redis, key, async () => {
				for (let attempt = 0; ; attempt++) {
					const before = await refuseOnOutage(() => redis.get(redisKey(key)));
					const after = next(parse<V>(before));
					const text = after === null ? "" : JSON.stringify(after);
					const ttl = ttlMs === undefined ? "0" : String(Math.max(1, Math.ceil(ttlMs)));
					const swap = () =>
						redis.eval(COMPARE_AND_SWAP, 1, redisKey(key), before ?? "", text, ttl);
					if (await refuseOnOutage(swap)) return after;
					// Another process's update came first: a random pause spreads the retries out.
					await pause(Math.random() * Math.min(50, 2 ** attempt));
				}
			}),

		take: <V>(key: string) => refuseOnOutage(async () => parse<V>(await redis.getdel(redisKey(key)))),

		async close() {}
	};
}
