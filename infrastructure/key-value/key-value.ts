/**
 * Short-lived values by key (carts, one-time codes, counters): in Redis, or in a table of the SQLite file when embedded.
 * Values are JSON. With Redis away every operation rejects with SERVICE_UNAVAILABLE.
 */
export interface KeyValueStore {
	/** The value, or null where there is none or it has expired. */
	get<V>(key: string): Promise<V | null>;
	/**
	 * Atomic read–modify–write. `next` must be pure, since it may run several times; its result is stored (null deletes the
	 * key) and expires `ttlMs` from now, or never without `ttlMs`. Resolves with the value stored.
	 */
	update<V>(key: string, next: (before: V | null) => V | null, ttlMs?: number): Promise<V | null>;
	/** Deletes the key and resolves with its value: of several concurrent callers, one gets the value, the others null. */
	take<V>(key: string): Promise<V | null>;
	close(): Promise<void>;
}
