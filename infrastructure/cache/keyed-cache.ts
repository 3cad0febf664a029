import type { SharedCache } from "./shared-cache";

type Entry = { readonly value: Promise<unknown>; readonly expiresAt: number };
export type CacheLimits = { readonly ttlMs: number; readonly max: number };

/**
 * A cache of this process, by key, in front of one that all processes share where there is Redis. A value whose key was
 * cleaned is never served again, not even one whose load had begun before the clean and ends after it: the load itself is
 * the entry, and a clean removes it. Callers share the values and must not change them.
 */
export class KeyedCache {
	/** Counts the cleans. As part of a key it ends an entry that depends on many documents with any change of one. */
	generation = 0;
	/** Requests that found their value here, and that did not. */
	readonly requests = { hit: 0, miss: 0 };
	private readonly entries = new Map<string, Entry>();

	/** `broadcast` tells the other processes which keys were cleaned. */
	constructor(
		private readonly limits: CacheLimits,
		private readonly broadcast: (keys: readonly string[]) => void = () => undefined,
		private readonly shared: SharedCache | null = null
	) {}

	get<V>(key: string, load: () => Promise<V>): Promise<V> {
		return this.getLocal(key, () => this.shared?.get(key, load) ?? load());
	}

	/** Skips the shared cache: for keys that contain the `generation`, which differs between processes. */
	getLocal<V>(key: string, load: () => Promise<V>): Promise<V> {
		const known = this.entries.get(key);
		if (known && known.expiresAt > performance.now()) {
			this.requests.hit++;
			return known.value as Promise<V>; // the same caller stored it under this key
		}
		this.requests.miss++;
		const value = load();
		const entry = { value, expiresAt: performance.now() + this.limits.ttlMs };
		this.entries.delete(key);
		this.entries.set(key, entry);
		for (const oldest of this.entries.keys()) {
			if (this.entries.size <= this.limits.max) break;
			this.entries.delete(oldest);
		}
		value.catch(() => this.entries.get(key) === entry && this.entries.delete(key));
		return value;
	}

	/**
	 * Call after a change and before its response. Cleans here and in the shared cache at once, in other processes by a hint;
	 * a lost hint costs at most `ttlMs`. The hint is sent last, so that no process that follows it can load the old value
	 * from the shared cache.
	 */
	async clean(...keys: readonly string[]): Promise<void> {
		this.drop(keys);
		await this.shared?.clean(keys);
		this.broadcast(keys);
	}

	/** Removes the keys in this process only. */
	drop(keys: readonly string[]): void {
		this.generation++;
		for (const key of keys) this.entries.delete(key);
	}
}
