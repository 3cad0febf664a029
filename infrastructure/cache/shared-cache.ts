import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type Redis from "ioredis";
import { decodeJson, encodeJson } from "../documents/language/codec";

/** How long a value is kept: what a lost clean may cost. */
const KEPT_MS = 10_000;
/** How long one may take to load. */
const LEASE_MS = 3_000;
/** How long the others wait for it, before they load themselves. */
const WAIT_MS = 300;
const RETRY_MS = 100;

/** Answers what is there; nothing there: puts the lease ARGV[1] there for ARGV[2] ms and answers that. */
const FIND = `
	local found = redis.call("GET", KEYS[1])
	if found then return found end
	redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
	return ARGV[1]`;
/** Where the lease ARGV[1] still is, the value ARGV[2] takes its place for ARGV[3] ms; no value: it is given back. */
const SETTLE = `
	if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
	if ARGV[2] == "" then return redis.call("DEL", KEYS[1]) end
	redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3])
	return 1`;

/** No JSON begins like this. */
const LEASE = "?";

/**
 * What the processes read lately, in Redis, as JSON with Dates. Under a key there is a value, or the lease of the one
 * process that is loading it. A clean removes either: without its lease a reading that began before can't be stored. So
 * a value whose key was cleaned is never served again, and a Redis that was emptied or restarted changes nothing in that.
 * Redis being away or slow costs the time of one command and is no error: then each process loads for itself.
 */
export class SharedCache {
	/** Keys that were cleaned, but not yet there: not to be asked for. Each with the latest clean that is owed. */
	private readonly owed = new Map<string, symbol>();

	constructor(
		private readonly redis: Redis,
		private readonly prefix: string
	) {}

	async get<V>(key: string, load: () => Promise<V>): Promise<V> {
		const at = this.prefix + key;
		if (this.owed.has(at)) return load();
		const lease = LEASE + randomUUID();
		const found = await this.find(at, lease);
		if (found === null) return load();
		if (found !== lease) return decodeJson<V>(found);
		try {
			const value = await load();
			void this.settle(at, lease, encodeJson(value));
			return value;
		} catch (err) {
			void this.settle(at, lease, "");
			throw err;
		}
	}

	/** Done when no process can find the values any more, or when Redis does not answer: then it goes on trying. */
	async clean(keys: readonly string[]): Promise<void> {
		if (keys.length === 0) return;
		const places = keys.map(key => this.prefix + key);
		const debt = Symbol();
		for (const at of places) this.owed.set(at, debt);
		if (!(await this.pay(places, debt))) void this.keepPaying(places, debt);
	}

	/** The value, the caller's own lease, or null when it is not to be had in time. */
	private async find(at: string, lease: string): Promise<string | null> {
		try {
			for (const giveUpAt = Date.now() + WAIT_MS; Date.now() < giveUpAt;) {
				const found = String(await this.redis.eval(FIND, 1, at, lease, LEASE_MS));
				if (found === lease || !found.startsWith(LEASE)) return found;
				await pause(10 + Math.random() * 20);
			}
		} catch {
			// The caller has another way.
		}
		return null;
	}

	private async settle(at: string, lease: string, text: string): Promise<void> {
		await this.redis.eval(SETTLE, 1, at, lease, text, KEPT_MS).catch(() => undefined); // the lease ends by itself
	}

	private async pay(places: readonly string[], debt: symbol): Promise<boolean> {
		const paid = await this.redis.del(...places).catch(() => null);
		if (paid !== null) this.forgive(places, debt);
		return paid !== null;
	}

	/** Until nothing that was there at the time of the clean, or under way, can be there any more. */
	private async keepPaying(places: readonly string[], debt: symbol): Promise<void> {
		const until = Date.now() + LEASE_MS + KEPT_MS;
		while (Date.now() < until) {
			await pause(RETRY_MS, undefined, { ref: false });
			if (await this.pay(places, debt)) return;
		}
		this.forgive(places, debt);
	}

	private forgive(places: readonly string[], debt: symbol): void {
		for (const at of places) if (this.owed.get(at) === debt) this.owed.delete(at);
	}
}
