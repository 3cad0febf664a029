import type { Middleware, ServiceBroker } from "moleculer";
import { backends } from "../infrastructure/backends";

/** Locks the data folder and opens the backends before the first service starts, and closes them after the last has stopped. */
export const backendsMiddleware = (): Middleware => ({
	name: "Backends",
	starting({ logger }: ServiceBroker) {
		backends.lock("shared");
		return backends.open(logger);
	},
	stopped: () => backends.close()
});
