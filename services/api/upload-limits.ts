import type { Config } from "../../mixins/config.mixin";
import { Refusal } from "../../schemas/errors/errors";
import { Limiter, type SharedCounters } from "./limiters";

const DAY_SECONDS = 86_400;
/** Uploads that one gateway holds in memory at a time, and those of one user among them. */
const MAX_AT_ONCE = 8;
const MAX_AT_ONCE_PER_USER = 2;

/** Limits uploads by their number: in work at a time in this gateway, so that its memory is bounded, and by user and day. */
export class UploadLimits {
	private readonly daily;
	private readonly running = new Map<string, number>();
	private total = 0;

	constructor(
		private readonly config: Pick<Config, "get">,
		shared: SharedCounters
	) {
		this.daily = new Limiter("limits.uploadsPerDay", DAY_SECONDS, shared);
	}

	/** Runs the work of one upload. Refuses with SERVICE_UNAVAILABLE or TOO_MANY_REQUESTS what is over a limit. */
	async run<R>(
		userId: string,
		{ isDaily }: { readonly isDaily: boolean },
		work: () => Promise<R>
	): Promise<R> {
		const own = this.running.get(userId) ?? 0;
		if (own >= MAX_AT_ONCE_PER_USER)
			throw new Refusal("TOO_MANY_REQUESTS", "Too many uploads of the user at a time", {
				retryAfter: 1
			});
		if (this.total >= MAX_AT_ONCE)
			throw new Refusal("SERVICE_UNAVAILABLE", "Too many uploads at a time", { retryAfter: 2 });
		this.running.set(userId, own + 1);
		this.total++;
		try {
			const max = this.config.get("limits.uploadsPerDay");
			if (isDaily) await this.daily.count(userId, max, "Too many uploads of the user today");
			return await work();
		} finally {
			this.total--;
			const left = (this.running.get(userId) ?? 1) - 1;
			if (left > 0) this.running.set(userId, left);
			else this.running.delete(userId);
		}
	}
}
