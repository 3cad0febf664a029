import type { Service } from "moleculer";
import type { Mixin } from "../schemas/kit";
import { backends } from "../infrastructure/backends";
import type { KeyValueStore } from "../infrastructure/key-value/key-value";

/** `this.kv`: short-lived values by key (carts, one-time codes, counters), each service under its own name. */
export const keyValueMixin: Mixin<{ kv: KeyValueStore }> = {
	created(this: Service) {
		const kv = backends.keyValue();
		const own = (key: string) => `${this.name}:${key}`;
		const scoped: KeyValueStore = {
			get: key => kv.get(own(key)),
			update: (key, next, ttlMs) => kv.update(own(key), next, ttlMs),
			take: key => kv.take(own(key)),
			close: async () => undefined
		};
		Object.assign(this, { kv: scoped });
	}
};
