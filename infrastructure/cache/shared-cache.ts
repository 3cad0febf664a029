import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type Redis from "ioredis";
import { decodeJson, encodeJson } from "../documents/language/codec";

/** Bounds how long a stale value can be served after an invalidation was lost with Redis. */
const VALUE_TTL_MS = 10_000;
/** A load that takes longer loses its lease, and its value is not stored. */
const LEASE_MS = 3_000;
/** Other processes wait this long for the lease's holder, and then load for themselves. */
const WAIT_MS = 300;
const RETRY_MS = 100;

/** Returns the value of the key. Where there is none, stores the lease ARGV[1] for ARGV[2] ms and returns it. */
const GET_OR_LEASE = `
	local found = redis.call("GET", KEYS[1])
	if found then return found end
	redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
	return ARGV[1]`;
/** Where the lease ARGV[1] is still held, replaces it by the value ARGV[2] for ARGV[3] ms, or deletes it if ARGV[2] is empty. */
const REPLACE_LEASE = `
	if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
	if ARGV[2] == "" then return redis.call("DEL", KEYS[1]) end
	redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3])
	return 1`;

/** Leases begin with it; no JSON text does. */
const LEASE_MARK = "?";

/**
 * A cache in Redis that all processes share: JSON with Dates. A key holds a value, or the lease of the one process that is
 * loading it. A clean deletes either, and without its lease a load that began before the clean can't store its result: a
 * value whose key was cleaned is never served again, also after Redis was emptied or restarted. A slow or unreachable Redis
 * is no error: each process then loads for itself, one command's time-out later.
 */
export class SharedCache {
	/** Keys whose invalidation has not reached Redis yet, bypassed until it has. The symbol is the latest pending clean. */
	private readonly pending = new Map<string, symbol>();

	constructor(
		private readonly redis: Redis,
		private readonly prefix: string
	) {}

	async get<V>(key: string, load: () => Promise<V>): Promise<V> {
		const redisKey = this.prefix + key;
		if (this.pending.has(redisKey)) return load();
		const lease = LEASE_MARK + randomUUID();
		const found = await this.getOrLease(redisKey, lease);
		if (found === null) return load();
		if (found !== lease) return decodeJson<V>(found);
		try {
			const value = await load();
			void this.replaceLease(redisKey, lease, encodeJson(value));
			return value;
		} catch (err) {
			void this.replaceLease(redisKey, lease, "");
			throw err;
		}
	}

	/** Resolves when no process can read the old values any more; where Redis doesn't answer, retries in the background. */
	async clean(keys: readonly string[]): Promise<void> {
		if (keys.length === 0) return;
		const redisKeys = keys.map(key => this.prefix + key);
		const clean = Symbol();
		for (const redisKey of redisKeys) this.pending.set(redisKey, clean);
		if (!(await this.flush(redisKeys, clean))) void this.keepFlushing(redisKeys, clean);
	}

	/** The value, the caller's own lease, or null when neither can be had within WAIT_MS. */
	private async getOrLease(redisKey: string, lease: string): Promise<string | null> {
		try {
			for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline;) {
				const found = String(await this.redis.eval(GET_OR_LEASE, 1, redisKey, lease, LEASE_MS));
				if (found === lease || !found.startsWith(LEASE_MARK)) return found;
				await pause(10 + Math.random() * 20);
			}
		} catch {
			// Redis is away: the caller loads for itself.
		}
		return null;
	}

	private async replaceLease(redisKey: string, lease: string, text: string): Promise<void> {
		const replacing = this.redis.eval(REPLACE_LEASE, 1, redisKey, lease, text, VALUE_TTL_MS);
		await replacing.catch(() => undefined); // the lease expires by itself
	}

	/** Whether the keys are deleted in Redis. */
	private async flush(redisKeys: readonly string[], clean: symbol): Promise<boolean> {
		const deleted = await this.redis.del(...redisKeys).catch(() => null);
		if (deleted !== null) this.endPending(redisKeys, clean);
		return deleted !== null;
	}

	/** Ends at the latest when everything that was stored or leased at the time of the clean has expired. */
	private async keepFlushing(redisKeys: readonly string[], clean: symbol): Promise<void> {
		const deadline = Date.now() + LEASE_MS + VALUE_TTL_MS;
		while (Date.now() < deadline) {
			await pause(RETRY_MS, undefined, { ref: false });
			if (await this.flush(redisKeys, clean)) return;
		}
		this.endPending(redisKeys, clean);
	}

	private endPending(redisKeys: readonly string[], clean: symbol): void {
		for (const redisKey of redisKeys)
			if (this.pending.get(redisKey) === clean) this.pending.delete(redisKey);
	}
}
