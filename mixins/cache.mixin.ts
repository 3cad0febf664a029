import type { Service, ServiceBroker } from "moleculer";
import { backends } from "../infrastructure/backends";
import { KeyedCache, type CacheLimits } from "../infrastructure/cache/keyed-cache";
import { SharedCache } from "../infrastructure/cache/shared-cache";
import type { Mixin } from "../schemas/kit/service";
import { settings } from "../settings";

export type { KeyedCache } from "../infrastructure/cache/keyed-cache";

/** `this.cache` of the service `name`. Its processes tell each other by the hint `cache.clean.<name>` what they cleaned. */
export function cacheMixin(
	name: string,
	limits: CacheLimits = { ttlMs: 2000, max: 10_000 }
): Mixin<{ cache: KeyedCache }> {
	const hint = `cache.clean.${name}`;
	const caches = new WeakMap<ServiceBroker, KeyedCache>();
	return {
		created(this: Service) {
			const { broker } = this;
			const broadcast = (keys: readonly string[]) =>
				void broker.broadcast(hint, { keys, from: broker.nodeID }).catch((err: unknown) => {
					broker.logger.debug({ err }, "A cache hint was lost");
				});
			const redis = backends.shortTimeoutRedis();
			const shared = redis && new SharedCache(redis, `${settings.namespace}:cache:${name}:`);
			const cache = new KeyedCache(limits, broadcast, shared);
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
