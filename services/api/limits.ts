import type { IncomingMessage } from "node:http";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { Refusal } from "../../schemas/errors";
import type { ConfigKey } from "../../schemas/config.keys";
import type { Config } from "../../mixins/config.mixin";

type Limit = ConfigKey<number> & `limits.${string}`;

/** Requests a minute for one address, by kind of route; the numbers are config and may change while running. */
export class Limits {
	private readonly limiters = new Map<Limit, RateLimiterMemory>();

	constructor(private readonly config: Config) {}

	/** Counts the request; refuses with TOO_MANY_REQUESTS and `retryAfter` in seconds. */
	async count(limit: Limit, ip: string): Promise<void> {
		const points = this.config.get(limit);
		let limiter = this.limiters.get(limit);
		if (!limiter) this.limiters.set(limit, (limiter = new RateLimiterMemory({ points, duration: 60 })));
		limiter.points = points;
		try {
			await limiter.consume(block(ip));
		} catch (err) {
			if (!(err instanceof RateLimiterRes)) throw err;
			throw new Refusal("TOO_MANY_REQUESTS", "Too many requests from this address", {
				retryAfter: Math.ceil(err.msBeforeNext / 1000)
			});
		}
	}
}

/** An IPv6 host owns a /64, so that is what counts. */
const block = (ip: string) =>
	ip.includes(":") && !ip.startsWith("::ffff:") ? ip.split(":").slice(0, 4).join(":") : ip;

/** The client's address: the socket's, or what the last of our own proxies says. */
export function addressOf(req: IncomingMessage, trustedProxies: number): string {
	const socket = (req.socket.remoteAddress ?? "unknown").replace(/^::ffff:/, "");
	if (trustedProxies === 0) return socket;
	const hops = String(req.headers["x-forwarded-for"] ?? "")
		.split(",")
		.map(hop => hop.trim())
		.filter(Boolean);
	return hops.at(-trustedProxies) ?? socket;
}
