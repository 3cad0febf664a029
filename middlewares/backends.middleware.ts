import type { Middleware, ServiceBroker } from "moleculer";
import { backends } from "../infrastructure/backends";

/** Opens the backends before the first service starts, and closes them after the last has stopped. */
export const backendsMiddleware = (): Middleware => ({
	name: "Backends",
	starting: ({ logger }: ServiceBroker) => backends.open(logger),
	stopped: () => backends.close()
});
