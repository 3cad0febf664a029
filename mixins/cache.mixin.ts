import type { Context, Service, ServiceBroker } from "moleculer";
import { backends } from "../infrastructure/backends";
import { getInvalidations } from "../infrastructure/cache/invalidations";
import { KeyedCache, type CacheLimits } from "../infrastructure/cache/keyed-cache";
import { SharedCache } from "../infrastructure/cache/shared-cache";
import type { KeyMetadata } from "../infrastructure/service-files";
import { showCounter } from "../infrastructure/prometheus";
import type { Mixin } from "../schemas/kit/service";
import { settings } from "../settings";
import { CACHE_REQUESTS } from "./mixins.metrics";

export type { KeyedCache } from "../infrastructure/cache/keyed-cache";

const HINT = "cache.clean.";
type Hint = { readonly keys: readonly string[]; readonly from: string };

/** Drops cached answers in this process at once, and tells the other processes by the hint `cache.clean.<name>`. */
function announceChange(broker: ServiceBroker, name: string, keys: readonly string[]): void {
	getInvalidations(broker).announce(name, keys);
	void broker.broadcast(HINT + name, { keys, from: broker.nodeID }).catch((err: unknown) => {
		broker.logger.debug({ err }, "A cache hint was lost");
	});
}

/**
 * `this.cache` of the service `name`. Its processes tell each other by the hint `cache.clean.<name>` what they cleaned. Keys that
 * another service announces as changed are dropped too where `follows` names it.
 */
export function cacheMixin(
	name: string,
	limits: CacheLimits = { ttlMs: 500, max: 10_000 },
	{ follows }: { readonly follows?: string } = {}
): Mixin<{ cache: KeyedCache }> {
	const caches = new WeakMap<ServiceBroker, KeyedCache>();
	return {
		metadata: { keyPrefixes: [`cache:${name}:`] } satisfies KeyMetadata,
		created(this: Service) {
			const { broker } = this;
			const redis = backends.shortTimeoutRedis();
			const shared = redis && new SharedCache(redis, `${settings.namespace}:cache:${name}:`);
			const cache = new KeyedCache(limits, keys => announceChange(broker, name, keys), shared);
			caches.set(broker, cache);
			Object.assign(this, { cache });
			showRequests(broker, name, cache);
		},
		events: {
			[HINT + name](this: Service, { params }: { params: Hint }) {
				if (params.from !== this.broker.nodeID) caches.get(this.broker)?.drop(params.keys);
			},
			...(follows !== undefined && {
				[HINT + follows](this: Service, { params }: { params: Hint }) {
					caches.get(this.broker)?.drop(params.keys);
				}
			})
		}
	};
}

/** Shows how many requests of the cache found their value. */
function showRequests(broker: ServiceBroker, name: string, { requests }: KeyedCache): void {
	for (const outcome of ["hit", "miss"] as const)
		showCounter(broker, CACHE_REQUESTS, { cache: name, outcome }, () => requests[outcome]);
}

/**
 * `this.announceChange(...keys)` for what gateways keep in answers although its service caches nothing: call it after a change
 * and before its response.
 */
export const cacheTagMixin = (
	name: string
): Mixin<{ announceChange: (...keys: readonly string[]) => void }> => ({
	created(this: Service) {
		const { broker } = this;
		Object.assign(this, {
			announceChange: (...keys: readonly string[]) => announceChange(broker, name, keys)
		});
	}
});

/** `this.listenForChanges(listener)`: calls the listener with the tags of answers that are out of date. */
export const cacheListenerMixin: Mixin<{
	listenForChanges: (listener: (tags: readonly string[]) => void) => void;
}> = {
	created(this: Service) {
		const invalidations = getInvalidations(this.broker);
		Object.assign(this, { listenForChanges: invalidations.listen.bind(invalidations) });
	},
	events: {
		[`${HINT}*`](this: Service, { eventName, params }: Context<Hint>) {
			if (eventName && params.from !== this.broker.nodeID)
				getInvalidations(this.broker).announce(eventName.slice(HINT.length), params.keys);
		}
	}
};
