import type { Envelope } from "./envelope";

type Entry = {
	readonly envelope: Envelope;
	readonly tags: readonly string[];
	readonly expiresAt: number;
};
export type AnswerCacheLimits = {
	readonly ttlMs: number;
	readonly maxEntries: number;
	/** Most bytes of all answers together, uncompressed. */
	readonly maxBytes: number;
};

/** A change that another process makes is seen here by a hint, and after this time also where the hint was lost. */
const LIMITS: AnswerCacheLimits = { ttlMs: 500, maxEntries: 5_000, maxBytes: 32 << 20 };

/**
 * Public answers of this gateway, ready to be sent, by language and URL. An answer goes when one of its tags changes; one whose
 * making had begun before a change is not cached, whatever changed.
 */
export class AnswerCache {
	/** Answers sent from here. */
	hits = 0;
	private changes = 0;
	private bytes = 0;
	private readonly entries = new Map<string, Entry>();
	private readonly keysByTag = new Map<string, Set<string>>();

	constructor(private readonly limits = LIMITS) {}

	get size(): number {
		return this.entries.size;
	}

	find(key: string): Envelope | undefined {
		const entry = this.entries.get(key);
		if (!entry) return undefined;
		if (entry.expiresAt > performance.now()) return entry.envelope;
		this.remove(key);
		return undefined;
	}

	/** Call before an answer is made. The returned function caches the answer unless anything has changed meanwhile. */
	startEntry(): (key: string, envelope: Envelope, tags: readonly string[]) => void {
		const before = this.changes;
		return (key, envelope, tags) => {
			if (before === this.changes) this.store(key, envelope, tags);
		};
	}

	/** Drops the answers with any of these tags. */
	drop(tags: readonly string[]): void {
		this.changes++;
		for (const tag of tags) for (const key of this.keysByTag.get(tag) ?? []) this.remove(key);
	}

	private store(key: string, envelope: Envelope, tags: readonly string[]): void {
		this.remove(key);
		this.entries.set(key, { envelope, tags, expiresAt: performance.now() + this.limits.ttlMs });
		this.bytes += envelope.beginning.length;
		for (const tag of tags) {
			const keys = this.keysByTag.get(tag) ?? new Set();
			this.keysByTag.set(tag, keys.add(key));
		}
		for (const oldest of this.entries.keys()) {
			if (this.entries.size <= this.limits.maxEntries && this.bytes <= this.limits.maxBytes) break;
			this.remove(oldest);
		}
	}

	private remove(key: string): void {
		const entry = this.entries.get(key);
		if (!entry) return;
		this.entries.delete(key);
		this.bytes -= entry.envelope.beginning.length;
		for (const tag of entry.tags) {
			const keys = this.keysByTag.get(tag);
			keys?.delete(key);
			if (keys?.size === 0) this.keysByTag.delete(tag);
		}
	}
}
