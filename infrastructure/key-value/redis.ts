import { setTimeout as pause } from "node:timers/promises";
import type Redis from "ioredis";
import { refuseOnOutage } from "../redis";
import type { KeyValueStore } from "./key-value";

/** Stores ARGV[2] (nothing: removes) for ARGV[3] ms (0: for ever) where the key still holds ARGV[1] (nothing: is absent). */
const SWAP = `
	local now = redis.call("GET", KEYS[1])
	if (now or "") ~= ARGV[1] then return 0 end
	if ARGV[2] == "" then redis.call("DEL", KEYS[1])
	elseif ARGV[3] == "0" then redis.call("SET", KEYS[1], ARGV[2])
	else redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3]) end
	return 1`;

/** Hot state in Redis, as JSON under `prefix`. No JSON text is empty, so that an empty one can stand for "none". */
export function redisKeyValueStore(redis: Redis, { prefix }: { readonly prefix: string }): KeyValueStore {
	const full = (key: string) => `${prefix}:hot:${key}`;
	/** Those of one process take turns, so that only processes meet at a key. */
	const turns = new Map<string, Promise<unknown>>();
	const inTurn = <V>(key: string, work: () => Promise<V>): Promise<V> => {
		const turn = (turns.get(key) ?? Promise.resolve()).then(work, work);
		turns.set(key, turn);
		const leave = () => turns.get(key) === turn && turns.delete(key);
		turn.then(leave, leave);
		return turn;
	};
	const valueOf = <V>(text: string | null) => (text === null ? null : (JSON.parse(text) as V));
	return {
		get: <V>(key: string) => refuseOnOutage(async () => valueOf<V>(await redis.get(full(key)))),

		update: <V>(key: string, next: (before: V | null) => V | null, ttlMs?: number) =>
			inTurn(key, async () => {
				for (let attempt = 0; ; attempt++) {
					const before = await refuseOnOutage(() => redis.get(full(key)));
					const after = next(valueOf<V>(before));
					const text = after === null ? "" : JSON.stringify(after);
					const ttl = ttlMs === undefined ? "0" : String(Math.max(1, Math.ceil(ttlMs)));
					const swap = () => redis.eval(SWAP, 1, full(key), before ?? "", text, ttl);
					if (await refuseOnOutage(swap)) return after;
					// Of those who met, one went through; the others come again, spread out.
					await pause(Math.random() * Math.min(50, 2 ** attempt));
				}
			}),

		take: <V>(key: string) => refuseOnOutage(async () => valueOf<V>(await redis.getdel(full(key)))),

		/** The connection belongs to whoever opened it. */
		async close() {}
	};
}
