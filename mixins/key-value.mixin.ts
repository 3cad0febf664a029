import type { Service } from "moleculer";
import type { Mixin } from "../schemas/kit";
import { backends } from "../infrastructure/backends";
import type { HotState } from "../infrastructure/key-value/key-value";

/** `this.hot`: short-lived or hot values by key, each service under its own name. */
export const hotMixin: Mixin<{ hot: HotState }> = {
	created(this: Service) {
		const hot = backends.hot();
		const own = (key: string) => `${this.name}:${key}`;
		const scoped: HotState = {
			get: key => hot.get(own(key)),
			update: (key, next, ttlMs) => hot.update(own(key), next, ttlMs),
			take: key => hot.take(own(key)),
			close: async () => undefined
		};
		Object.assign(this, { hot: scoped });
	}
};
