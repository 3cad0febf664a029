import type { Service } from "moleculer";
import { getConfig, type Config } from "../infrastructure/config";
import type { Mixin } from "../schemas/kit/service";

export { getConfig, type Config } from "../infrastructure/config";

/** `this.config.get("orders.maxUnpaid")`: config values, at most about a second old (`configMiddleware` polls for them). */
export const configMixin: Mixin<{ config: Config }> = {
	created(this: Service) {
		Object.assign(this, { config: getConfig(this.broker) });
	}
};
