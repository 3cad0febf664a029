import type { IncomingMessage } from "node:http";
import type Redis from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import type { Config } from "../../mixins/config.mixin";
import type { ConfigKey } from "../../schemas/config-keys";
import { Refusal } from "../../schemas/errors/errors";
import type { Http } from "../../schemas/kit/contract";

type Limit = ConfigKey<number> & `limits.${string}`;
type Limiter = RateLimiterMemory | RateLimiterRedis;

const WINDOW_SECONDS = 60;

/**
 * Limits requests a minute for one IP address, by kind of route. The numbers are config values and may change at any time.
 * Requests are counted in Redis over all gateways; without Redis, or while it does not answer, by each gateway for itself.
 */
export class RateLimits {
	private readonly limiters = new Map<Limit, readonly Limiter[]>();

	constructor(
		private readonly config: Config,
		private readonly shared: { readonly redis: Redis; readonly prefix: string } | null
	) {}

	/** Counts a request against every limit of its route. Refuses with TOO_MANY_REQUESTS and `retryAfter` in seconds. */
	async countRequest({ method, path }: Pick<Http, "method" | "path">, ip: string): Promise<void> {
		await this.count("limits.perMinute", ip);
		if (method !== "GET") await this.count("limits.writesPerMinute", ip);
		if (path.startsWith("/auth/")) await this.count("limits.authPerMinute", ip);
	}

	/** Counts one request against one limit. */
	async count(limit: Limit, ip: string): Promise<void> {
		const points = this.config.get(limit);
		const limiters = this.limiters.get(limit) ?? this.createLimiters(limit, points);
		for (const limiter of limiters) limiter.points = points;
		try {
			await limiters[0]?.consume(countedAddress(ip));
		} catch (err) {
			if (!(err instanceof RateLimiterRes)) throw err;
			// Never longer than the window, even if the clock was set back meanwhile.
			const retryAfter = Math.min(WINDOW_SECONDS, Math.ceil(err.msBeforeNext / 1000));
			throw new Refusal("TOO_MANY_REQUESTS", "Too many requests from this address", { retryAfter });
		}
	}

	/** The limiter to use, followed by the in-memory one that it falls back to. */
	private createLimiters(limit: Limit, points: number): readonly Limiter[] {
		const inMemory = new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
		const limiters = this.shared
			? [
					new RateLimiterRedis({
						storeClient: this.shared.redis,
						keyPrefix: `${this.shared.prefix}:${limit}`,
						points,
						duration: WINDOW_SECONDS,
						insuranceLimiter: inMemory,
						rejectIfRedisNotReady: true
					}),
					inMemory
				]
			: [inMemory];
		this.limiters.set(limit, limiters);
		return limiters;
	}
}

/** The address that is counted: an IPv6 host has a /64 to itself, so the whole /64 counts as one. */
const countedAddress = (ip: string) =>
	ip.includes(":") && !ip.startsWith("::ffff:") ? ip.split(":").slice(0, 4).join(":") : ip;

/** The client's address: the socket's, or with trusted proxies the entry of X-Forwarded-For that the outermost one added. */
export function readClientAddress(req: IncomingMessage, trustedProxies: number): string {
	const socket = (req.socket.remoteAddress ?? "unknown").replace(/^::ffff:/, "");
	if (trustedProxies === 0) return socket;
	const hops = String(req.headers["x-forwarded-for"] ?? "")
		.split(",")
		.map(hop => hop.trim())
		.filter(Boolean);
	return hops.at(-trustedProxies) ?? socket;
}
