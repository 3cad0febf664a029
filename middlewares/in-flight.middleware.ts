import { setTimeout as pause } from "node:timers/promises";
import type { Context, Middleware, Service } from "moleculer";

const CHECK_EVERY_MS = 20;

/**
 * Delays the stop of a service until the calls that it is handling have ended, for `maxWaitMs` at most. Moleculer's own
 * tracking also counts calls at their caller, and never uncounts one whose response was lost on the bus.
 */
export function inFlightMiddleware(maxWaitMs: number): Middleware {
	const callsOf = new WeakMap<Service, number>();
	const countCalls = (service: Service) => callsOf.get(service) ?? 0;
	const add = (service: Service, n: number) => callsOf.set(service, countCalls(service) + n);
	return {
		name: "InFlight",
		localAction: (next: (ctx: Context) => Promise<unknown>) => async (ctx: Context) => {
			const { service } = ctx;
			if (!service) return next(ctx);
			add(service, 1);
			try {
				return await next(ctx);
			} finally {
				add(service, -1);
			}
		},
		async serviceStopping(service: Service) {
			const deadline = Date.now() + maxWaitMs;
			while (countCalls(service) > 0 && Date.now() < deadline) await pause(CHECK_EVERY_MS);
			const left = countCalls(service);
			if (left > 0) service.logger.warn({ left }, "Stopped in the middle of calls");
		}
	};
}
