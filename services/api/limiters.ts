import type Redis from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { Refusal } from "../../schemas/errors/errors";

/** Redis, where gateways count together, and the prefix of the keys; null without one. */
export type SharedCounters = { readonly redis: Redis; readonly prefix: string } | null;

/**
 * Counts uses of a key within a window of time. Counts in Redis over all gateways; without Redis, or while it does not answer,
 * each gateway counts for itself.
 */
export class Limiter {
	private readonly limiters: readonly (RateLimiterMemory | RateLimiterRedis)[];

	constructor(
		name: string,
		private readonly windowSeconds: number,
		shared: SharedCounters
	) {
		const inMemory = new RateLimiterMemory({ points: 1, duration: windowSeconds });
		this.limiters = shared
			? [
					new RateLimiterRedis({
						storeClient: shared.redis,
						keyPrefix: `${shared.prefix}:${name}`,
						points: 1,
						duration: windowSeconds,
						insuranceLimiter: inMemory,
						rejectIfRedisNotReady: true
					}),
					inMemory
				]
			: [inMemory];
	}

	/** Counts one use of `max`. Refuses one more with TOO_MANY_REQUESTS and `retryAfter` in seconds. */
	async count(key: string, max: number, refusal: string): Promise<void> {
		for (const limiter of this.limiters) limiter.points = max;
		try {
			await this.limiters[0]?.consume(key);
		} catch (err) {
			if (!(err instanceof RateLimiterRes)) throw err;
			// Never longer than the window, even if the clock was set back meanwhile.
			const retryAfter = Math.min(this.windowSeconds, Math.ceil(err.msBeforeNext / 1000));
			throw new Refusal("TOO_MANY_REQUESTS", refusal, { retryAfter });
		}
	}
}
