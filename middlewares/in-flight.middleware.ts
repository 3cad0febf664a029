import { setTimeout as pause } from "node:timers/promises";
import type { Context, Middleware, Service } from "moleculer";

const LOOK_EVERY_MS = 20;

/**
 * A service stops when the calls that it is handling have ended, or after `patienceMs`. In place of Moleculer's own tracking:
 * that counts the caller's side of a call as well, where one that got no answer from the bus stays for ever.
 */
export function inFlightMiddleware(patienceMs: number): Middleware {
	const running = new WeakMap<Service, number>();
	const add = (service: Service, n: number) => running.set(service, (running.get(service) ?? 0) + n);
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
			const deadline = Date.now() + patienceMs;
			while ((running.get(service) ?? 0) > 0 && Date.now() < deadline) await pause(LOOK_EVERY_MS);
			const left = running.get(service) ?? 0;
			if (left > 0) service.logger.warn({ left }, "Stopped in the middle of calls");
		}
	};
}
