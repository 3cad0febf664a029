/** Short-lived or hot values by key (carts, one-time codes, counters): Redis, or a table of the SQLite file when embedded. */
export interface KeyValueStore {
	/** The value, or null where there is none or its time is over. */
	get<V>(key: string): Promise<V | null>;
	/**
	 * Atomic read–modify–write: `next` is pure and may run several times; what it returns is stored (null removes) for
	 * `ttlMs` from now (for ever without). Answers what stands afterwards.
	 */
	update<V>(key: string, next: (before: V | null) => V | null, ttlMs?: number): Promise<V | null>;
	/** Removes and answers what was there: of several callers at once, one gets it. */
	take<V>(key: string): Promise<V | null>;
	close(): Promise<void>;
}
