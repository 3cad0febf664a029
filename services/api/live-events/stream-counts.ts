import { randomUUID } from "node:crypto";
import type { ServiceBroker } from "moleculer";
import { Refusal } from "../../../schemas/errors/errors";
import type { SharedCounters } from "../limiters";

/** Streams of live events that one user may have open, over all gateways. */
const MAX_STREAMS = 5;
const RENEW_EVERY_MS = 20_000;
/** A stream that no gateway has renewed for so long is over. */
const LEASE_MS = 60_000;

export type SharedCounts = SharedCounters;
type Entry = { readonly key: string; readonly field: string; readonly beganAt: number };

/**
 * Counts the open streams of each user. With Redis the gateways count together, and those of a gateway that died don't count;
 * without it, or while it does not answer, each gateway counts its own.
 */
export class StreamCounts {
	private readonly own = new Map<string, number>();
	private readonly entries = new Map<string, Entry>();
	private readonly renewing: NodeJS.Timeout | undefined;

	constructor(
		private readonly broker: ServiceBroker,
		private readonly shared: SharedCounts
	) {
		if (shared) this.renewing = setInterval(() => void this.renew(), RENEW_EVERY_MS).unref();
	}

	/** Counts one more stream of the user; the returned function counts it off. Refuses with TOO_MANY_REQUESTS. */
	async enter(userId: string): Promise<() => void> {
		const own = (this.own.get(userId) ?? 0) + 1;
		if (own > MAX_STREAMS) throw tooMany();
		this.own.set(userId, own);
		const streamId = randomUUID();
		const leave = () => this.leave(userId, streamId);
		if (this.shared && !(await this.enterShared(userId, streamId))) {
			leave();
			throw tooMany();
		}
		return leave;
	}

	stop(): void {
		clearInterval(this.renewing);
	}

	private leave(userId: string, streamId: string): void {
		const left = (this.own.get(userId) ?? 1) - 1;
		if (left > 0) this.own.set(userId, left);
		else this.own.delete(userId);
		const entry = this.entries.get(streamId);
		this.entries.delete(streamId);
		if (entry) this.shared?.redis.hdel(entry.key, entry.field).catch(() => undefined);
	}

	/** Enters the stream in the user's list, and says whether it is among the first of those that are open. */
	private async enterShared(userId: string, streamId: string): Promise<boolean> {
		if (!this.shared) return true;
		const { redis, prefix } = this.shared;
		const key = `${prefix}:event-streams:${userId}`;
		const field = `${this.broker.instanceID} ${streamId}`;
		try {
			const beganAt = Date.now();
			this.entries.set(streamId, { key, field, beganAt });
			await redis.hset(key, field, `${beganAt} ${beganAt + LEASE_MS}`);
			await redis.pexpire(key, 2 * LEASE_MS);
			return this.findOpen(await redis.hgetall(key))
				.slice(0, MAX_STREAMS)
				.includes(field);
		} catch {
			return true; // counted in this process alone
		}
	}

	/** The streams that are open, the oldest first. Those of a process that is gone are not. */
	private findOpen(stored: Readonly<Record<string, string>>): string[] {
		const nodes = this.broker.registry.getNodeList({ onlyAvailable: true, withServices: false });
		const alive = new Set(nodes.map(({ instanceID }) => instanceID));
		return Object.entries(stored)
			.map(([field, times]) => {
				const [beganAt = 0, until = 0] = times.split(" ").map(Number);
				return { field, beganAt, until };
			})
			.filter(({ field, until }) => until > Date.now() && alive.has(field.split(" ")[0] ?? ""))
			.toSorted((a, b) => a.beganAt - b.beganAt || (a.field < b.field ? -1 : 1))
			.map(({ field }) => field);
	}

	private async renew(): Promise<void> {
		if (!this.shared || this.entries.size === 0) return;
		const now = Date.now();
		const pipeline = this.shared.redis.pipeline();
		for (const { key, field, beganAt } of this.entries.values())
			pipeline.hset(key, field, `${beganAt} ${now + LEASE_MS}`).pexpire(key, 2 * LEASE_MS);
		await pipeline.exec().catch(() => undefined);
	}
}

const tooMany = () =>
	new Refusal("TOO_MANY_REQUESTS", `At most ${MAX_STREAMS} streams a user`, { retryAfter: 10 });
