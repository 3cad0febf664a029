import type Redis from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { Refusal } from "../../schemas/errors/errors";

/** Redis, where gateways count together, and the prefix of the keys; null without one. */
export type SharedCounters = { readonly redis: Redis; readonly prefix: string } | null;

/** How far a limit is used; it begins anew in `resetSeconds`. */
export type Usage = {
	readonly allowed: boolean;
	readonly limit: number;
	readonly remaining: number;
	readonly resetSeconds: number;
};

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

	/** Counts one use of `max`; the use counts although it is not allowed. */
	async consume(key: string, max: number): Promise<Usage> {
		for (const limiter of this.limiters) limiter.points = max;
		const result = await this.limiters[0]?.consume(key).then(
			({ remainingPoints, msBeforeNext }) => ({ allowed: true, remainingPoints, msBeforeNext }),
			(err: unknown) => {
				if (!(err instanceof RateLimiterRes)) throw err;
				return { allowed: false, remainingPoints: 0, msBeforeNext: err.msBeforeNext };
			}
		);
		const { allowed = true, remainingPoints = max, msBeforeNext = 0 } = result ?? {};
		// Never longer than the window, even if the clock was set back meanwhile.
		const resetSeconds = Math.min(this.windowSeconds, Math.ceil(msBeforeNext / 1000));
		return { allowed, limit: max, remaining: remainingPoints, resetSeconds };
	}

	/** `consume`, but refuses one use more than `max` with TOO_MANY_REQUESTS and `retryAfter` in seconds. */
	async count(key: string, max: number, refusal: string): Promise<void> {
		const { allowed, resetSeconds } = await this.consume(key, max);
		if (!allowed) throw new Refusal("TOO_MANY_REQUESTS", refusal, { retryAfter: resetSeconds });
	}
}
