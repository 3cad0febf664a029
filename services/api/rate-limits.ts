import type { IncomingMessage } from "node:http";
import type { Config } from "../../mixins/config.mixin";
import type { ConfigKey } from "../../schemas/config-keys";
import type { Http } from "../../schemas/kit/contract";
import { getCountedNetwork, normalizeAddress } from "../../schemas/values/ip-address";
import { Limiter, type SharedCounters } from "./limiters";

type Limit = ConfigKey<number> & `limits.${string}`;

const WINDOW_SECONDS = 60;

/** Limits requests a minute for one IP address, by kind of route. The numbers are config values and may change at any time. */
export class RateLimits {
	private readonly limiters = new Map<Limit, Limiter>();

	constructor(
		private readonly config: Config,
		private readonly shared: SharedCounters
	) {}

	/** Counts a request against every limit of its route. Refuses with TOO_MANY_REQUESTS and `retryAfter` in seconds. */
	async countRequest({ method, path }: Pick<Http, "method" | "path">, ip: string): Promise<void> {
		await this.count("limits.perMinute", ip);
		if (method !== "GET") await this.count("limits.writesPerMinute", ip);
		if (path.startsWith("/auth/")) await this.count("limits.authPerMinute", ip);
	}

	/** Counts one request against one limit. */
	async count(limit: Limit, ip: string): Promise<void> {
		const limiter = this.limiters.get(limit) ?? new Limiter(limit, WINDOW_SECONDS, this.shared);
		this.limiters.set(limit, limiter);
		await limiter.count(
			getCountedNetwork(ip),
			this.config.get(limit),
			"Too many requests from this address"
		);
	}
}

/**
 * The client's address in one spelling: the socket's, or with trusted proxies the entry of X-Forwarded-For that the outermost
 * one added.
 */
export function readClientAddress(req: IncomingMessage, trustedProxies: number): string {
	const socket = normalizeAddress(req.socket.remoteAddress ?? "") ?? "unknown";
	if (trustedProxies === 0) return socket;
	const hops = String(req.headers["x-forwarded-for"] ?? "")
		.split(",")
		.map(hop => hop.trim())
		.filter(Boolean);
	return normalizeAddress(hops.at(-trustedProxies) ?? "") ?? socket;
}
