import type { Service } from "moleculer";
import { backends } from "../infrastructure/backends";
import { KEY_VALUE_DURATION } from "../infrastructure/documents/documents.metrics";
import { observeDuration } from "../infrastructure/documents/timed-collection";
import type { KeyValueStore } from "../infrastructure/key-value/key-value";
import type { KeyMetadata } from "../infrastructure/service-files";
import { openHistogram } from "../infrastructure/prometheus";
import type { Mixin } from "../schemas/kit/service";

export type { KeyValueStore } from "../infrastructure/key-value/key-value";

/** `this.kv`: short-lived values by key (carts, one-time codes, counters); each service has its own keys. */
export const keyValueMixin: Mixin<{ kv: KeyValueStore }> = {
	metadata: { keyPrefixes: ["hot:$service:"] } satisfies KeyMetadata,
	created(this: Service) {
		const shared = backends.keyValue();
		const keyOfService = (key: string) => `${this.name}:${key}`;
		const observe = openHistogram(this.broker, KEY_VALUE_DURATION);
		const timed = <R>(operation: "read" | "write", work: () => Promise<R>) =>
			observeDuration(observe, { operation }, work);
		const kv: KeyValueStore = {
			get: key => timed("read", () => shared.get(keyOfService(key))),
			update: (key, next, ttlMs) => timed("write", () => shared.update(keyOfService(key), next, ttlMs)),
			take: key => timed("write", () => shared.take(keyOfService(key))),
			close: async () => undefined // backends close the shared store
		};
		Object.assign(this, { kv });
	}
};
