import type { Service, ServiceBroker } from "moleculer";
import type { Mixin } from "../schemas/kit";
import { settings } from "../settings";
import { backends } from "../infrastructure/backends";
import { SharedCache } from "../infrastructure/cache/shared-cache";

type Entry = { readonly value: Promise<unknown>; readonly until: number };
type Limits = { readonly ttlMs: number; readonly max: number };

/**
 * What was read lately, by key. A value whose key was cleaned is never served again, not even by a reading that had begun
 * before and ended after: the reading itself is kept, and a clean drops it. Callers share the values: nobody changes them.
 * Behind it may be a cache that all processes share.
 */
export class KeyedCache {
	/** Grows with every clean; as a part of a key it makes an answer over many documents end with any change. */
	generation = 0;
	private readonly entries = new Map<string, Entry>();

	constructor(
		private readonly limits: Limits,
		private readonly tell: (keys: readonly string[]) => void = () => undefined,
		private readonly shared: SharedCache | null = null
	) {}

	get<V>(key: string, load: () => Promise<V>): Promise<V> {
		return this.getLocal(key, () => this.shared?.get(key, load) ?? load());
	}

	/** Of this process only, as what is known by its `generation`. */
	getLocal<V>(key: string, load: () => Promise<V>): Promise<V> {
		const known = this.entries.get(key);
		if (known && known.until > performance.now()) return known.value as Promise<V>; // put there under this key by the same caller
		const value = load();
		const entry = { value, until: performance.now() + this.limits.ttlMs };
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
	 * After a change, before its answer: here and in the shared cache at once, in other processes by a hint, which `ttlMs`
	 * makes good if lost. The hint comes last: whoever follows it must not find the old value in the shared cache.
	 */
	async clean(...keys: readonly string[]): Promise<void> {
		this.drop(keys);
		await this.shared?.clean(keys);
		this.tell(keys);
	}

	drop(keys: readonly string[]): void {
		this.generation++;
		for (const key of keys) this.entries.delete(key);
	}
}

/** `this.cache` of the service of this name; its processes tell each other by `cache.clean.<name>`. */
export function cacheMixin(
	name: string,
	limits: Limits = { ttlMs: 2000, max: 10_000 }
): Mixin<{ cache: KeyedCache }> {
	const hint = `cache.clean.${name}`;
	const caches = new WeakMap<ServiceBroker, KeyedCache>();
	return {
		created(this: Service) {
			const { broker } = this;
			const tell = (keys: readonly string[]) =>
				void broker.broadcast(hint, { keys, from: broker.nodeID }).catch((err: unknown) => {
					broker.logger.debug({ err }, "A cache hint was lost");
				});
			const redis = backends.shortTimeoutRedis();
			const shared = redis && new SharedCache(redis, `${settings.namespace}:cache:${name}:`);
			const cache = new KeyedCache(limits, tell, shared);
			caches.set(broker, cache);
			Object.assign(this, { cache });
		},
		events: {
			[hint](this: Service, { params }: { params: { keys: readonly string[]; from: string } }) {
				if (params.from !== this.broker.nodeID) caches.get(this.broker)?.drop(params.keys);
			}
		}
	};
}
