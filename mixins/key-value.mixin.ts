import type { Service } from "moleculer";
import { backends } from "../infrastructure/backends";
import type { KeyValueStore } from "../infrastructure/key-value/key-value";
import type { KeyMetadata } from "../infrastructure/service-files";
import type { Mixin } from "../schemas/kit/service";

export type { KeyValueStore } from "../infrastructure/key-value/key-value";

/** `this.kv`: short-lived values by key (carts, one-time codes, counters); each service has its own keys. */
export const keyValueMixin: Mixin<{ kv: KeyValueStore }> = {
	metadata: { keyPrefixes: ["hot:$service:"] } satisfies KeyMetadata,
	created(this: Service) {
		const shared = backends.keyValue();
		const keyOfService = (key: string) => `${this.name}:${key}`;
		const kv: KeyValueStore = {
			get: key => shared.get(keyOfService(key)),
			update: (key, next, ttlMs) => shared.update(keyOfService(key), next, ttlMs),
			take: key => shared.take(keyOfService(key)),
			close: async () => undefined // backends close the shared store
		};
		Object.assign(this, { kv });
	}
};
