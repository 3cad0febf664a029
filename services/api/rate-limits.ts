import type { IncomingMessage } from "node:http";
import type Redis from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { Refusal } from "../../schemas/errors";
import type { ConfigKey } from "../../schemas/config-keys";
import type { Config } from "../../mixins/config.mixin";

type Limit = ConfigKey<number> & `limits.${string}`;

type Limiter = RateLimiterMemory | RateLimiterRedis;

const WINDOW_SECONDS = 60;

/**
 * Requests a minute for one address, by kind of route; the numbers are config and may change while running. Counted in
 * Redis over all gateways, and while it does not answer, or where there is none, by each gateway for itself.
 */
export class RateLimits {
	private readonly limiters = new Map<Limit, readonly Limiter[]>();

	constructor(
		private readonly config: Config,
		private readonly shared: { readonly redis: Redis; readonly prefix: string } | null
	) {}

	/** Counts the request; refuses with TOO_MANY_REQUESTS and `retryAfter` in seconds. */
	async count(limit: Limit, ip: string): Promise<void> {
		const points = this.config.get(limit);
		const limiters = this.limiters.get(limit) ?? this.createLimiters(limit, points);
		for (const limiter of limiters) limiter.points = points;
		try {
			await limiters[0]?.consume(addressBlock(ip));
		} catch (err) {
			if (!(err instanceof RateLimiterRes)) throw err;
			throw new Refusal("TOO_MANY_REQUESTS", "Too many requests from this address", {
				retryAfter: Math.min(WINDOW_SECONDS, Math.ceil(err.msBeforeNext / 1000)) // whatever the clock did
			});
		}
	}

	/** The one to ask, and behind it the one that stands in for it. */
	private createLimiters(limit: Limit, points: number): readonly Limiter[] {
		const own = new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
		const limiters = !this.shared
			? [own]
			: [
					new RateLimiterRedis({
						storeClient: this.shared.redis,
						keyPrefix: `${this.shared.prefix}:${limit}`,
						points,
						duration: WINDOW_SECONDS,
						insuranceLimiter: own,
						rejectIfRedisNotReady: true
					}),
					own
				];
		this.limiters.set(limit, limiters);
		return limiters;
	}
}

/** An IPv6 host owns a /64, so that is what counts. */
const addressBlock = (ip: string) =>
	ip.includes(":") && !ip.startsWith("::ffff:") ? ip.split(":").slice(0, 4).join(":") : ip;

/** The client's address: the socket's, or what the last of our own proxies says. */
export function clientAddress(req: IncomingMessage, trustedProxies: number): string {
	const socket = (req.socket.remoteAddress ?? "unknown").replace(/^::ffff:/, "");
	if (trustedProxies === 0) return socket;
	const hops = String(req.headers["x-forwarded-for"] ?? "")
		.split(",")
		.map(hop => hop.trim())
		.filter(Boolean);
	return hops.at(-trustedProxies) ?? socket;
}
