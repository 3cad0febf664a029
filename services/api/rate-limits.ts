import type { IncomingMessage } from "node:http";
import type { Config } from "../../mixins/config.mixin";
import type { ConfigKey } from "../../schemas/config-keys";
import type { Http } from "../../schemas/kit/contract";
import { getCountedNetwork, normalizeAddress } from "../../schemas/values/ip-address";
import { Refusal } from "../../schemas/errors/errors";
import { Limiter, type SharedCounters, type Usage } from "./limiters";

type Limit = ConfigKey<number> & `limits.${string}`;

const WINDOW_SECONDS = 60;
type ShowHeaders = (headers: Map<string, string>) => void;

/** Limits requests a minute for one IP address, by kind of route. The numbers are config values and may change at any time. */
export class RateLimits {
	private readonly limiters = new Map<Limit, Limiter>();

	constructor(
		private readonly config: Config,
		private readonly shared: SharedCounters
	) {}

	/**
	 * Counts a request against every limit of its route, and shows the caller how much is left of the tightest. Refuses with
	 * TOO_MANY_REQUESTS and `retryAfter` in seconds.
	 */
	async countRequest(
		{ method, path }: Pick<Http, "method" | "path">,
		ip: string,
		show: ShowHeaders = () => undefined
	): Promise<void> {
		const limits: Limit[] = ["limits.perMinute"];
		if (method !== "GET") limits.push("limits.writesPerMinute");
		if (path.startsWith("/auth/")) limits.push("limits.authPerMinute");
		let tightest: Usage | undefined;
		for (const limit of limits) {
			const usage = await this.consume(limit, ip);
			if (!tightest || usage.remaining < tightest.remaining || !usage.allowed) tightest = usage;
			if (!usage.allowed) break;
		}
		if (!tightest) return;
		show(describeUsage(tightest));
		if (tightest.allowed) return;
		throw new Refusal("TOO_MANY_REQUESTS", "Too many requests from this address", {
			retryAfter: tightest.resetSeconds
		});
	}

	private consume(limit: Limit, ip: string): Promise<Usage> {
		const limiter = this.limiters.get(limit) ?? new Limiter(limit, WINDOW_SECONDS, this.shared);
		this.limiters.set(limit, limiter);
		return limiter.consume(getCountedNetwork(ip), this.config.get(limit));
	}
}

/** Headers that tell a client how many requests it has left (draft-ietf-httpapi-ratelimit-headers-06). */
const describeUsage = ({ limit, remaining, resetSeconds }: Usage): Map<string, string> =>
	new Map([
		["RateLimit-Limit", String(limit)],
		["RateLimit-Remaining", String(remaining)],
		["RateLimit-Reset", String(resetSeconds)],
		["RateLimit-Policy", `${limit};w=${WINDOW_SECONDS}`]
	]);

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
