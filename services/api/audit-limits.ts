import type { Config } from "../../mixins/config.mixin";
import type { Caller } from "../../schemas/kit/service";
import { getCountedNetwork } from "../../schemas/values/ip-address";
import { Limiter, type SharedCounters } from "./limiters";

const HOUR_SECONDS = 3600;

/** Whether an entry is written: all of it, it and a note that further ones are left out for the hour, or nothing. */
export type Admission = "entry" | "lastEntry" | "none";

/**
 * Bounds what those who are no staff can add to the audit log: `audit.strangersPerHour` entries an hour about one account, or
 * about one address where no account is known. What staff do is always recorded.
 */
export class AuditLimits {
	private readonly limiter;

	constructor(
		private readonly config: Pick<Config, "get">,
		shared: SharedCounters,
		/** Whether addresses are limited at all (LIMITS_PER_IP). */
		private readonly limitsAddresses: boolean
	) {
		this.limiter = new Limiter("limits.audit", HOUR_SECONDS, shared);
	}

	async admit(
		user: Caller | null | undefined,
		provenId: string | undefined,
		ip: string
	): Promise<Admission> {
		if (user?.roles.some(role => role !== "customer")) return "entry";
		const account = user?.id ?? provenId;
		if (account === undefined && !this.limitsAddresses) return "entry";
		const max = this.config.get("audit.strangersPerHour");
		const { allowed, remaining } = await this.limiter.consume(account ?? getCountedNetwork(ip), max);
		if (!allowed) return "none";
		return remaining === 0 ? "lastEntry" : "entry";
	}
}
