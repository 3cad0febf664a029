import type { DatabaseSync } from "node:sqlite";
import { ulid } from "ulid";
import { runInTransaction } from "../../sqlite-file";
import { BACKOFF_MS, judgeFailure } from "../retry-policy";
import { factQueue, type Delivery, type Queue, type Verdict } from "./queue";
import type { Consumer, FactsTransport, Lag, StoredFact } from "../transport";
import type { Logger } from "../../log";
import { MAX_CLOCK_SKEW_MS } from "../../../schemas/clock-skew";

export type SqliteFactsOptions = {
	readonly logger: Logger;
	/** How long to wait after the first, second, … failed attempt; the one after the last of them is the final one. */
	readonly backoffMs?: readonly number[];
	/** How long a crashed process keeps its facts from the others; a running handler's lease is extended. */
	readonly leaseMs?: number;
	/** How long a fact is kept that every known consumer has handled. */
	readonly keepMs?: number;
	/** How soon another process's facts are seen; this process's own are at once. */
	readonly pollMs?: number;
};

type Subscription = {
	readonly id: number;
	readonly consumer: Consumer;
	readonly room: number;
	readonly running: Set<Delivery>;
};

const DEFAULTS = {
	backoffMs: BACKOFF_MS,
	leaseMs: 10_000,
	keepMs: 7 * 24 * 3_600_000,
	pollMs: 250
};

/** So many handlers start before the event loop gets to its sockets and timers again. */
const BATCH = 32;
const SWEEP_EVERY_MS = 60_000;

/**
 * Facts over tables of the embedded SQLite file, for any number of processes. A process that stops its event loop for
 * longer than a lease counts as crashed: its running facts are delivered to others as well.
 */
export const sqliteFacts = (db: DatabaseSync, options: SqliteFactsOptions): FactsTransport =>
	new SqliteFacts(db, { ...DEFAULTS, ...options });

class SqliteFacts implements FactsTransport {
	private readonly queue: Queue;
	private readonly subscriptions = new Set<Subscription>();
	/** Those that may have something to claim, the longest waiting first. */
	private readonly ready = new Set<Subscription>();
	/** Also those of subscriptions that are stopping: their leases have to be extended to the end. */
	private readonly running = new Map<Delivery, Promise<void>>();
	private settled: Verdict[] = [];
	/** When back-offs that began here are over. A timer may go off a little early, so it alone does not tell. */
	private readonly retries = new Set<number>();
	private soon: NodeJS.Immediate | undefined;
	private timer: NodeJS.Timeout | undefined;
	private lookAt = Infinity;
	private extendAt = 0;
	private sweepAt = 0;
	private sweptTo = 0;

	constructor(
		private readonly db: DatabaseSync,
		private readonly options: Required<SqliteFactsOptions>
	) {
		this.queue = factQueue(db, ulid(), options.leaseMs, options.backoffMs.length + 1);
	}

	async publish(facts: readonly StoredFact[]): Promise<void> {
		if (!facts.length) return;
		this.queue.publish(facts);
		const events = new Set(facts.map(({ event }) => event));
		this.wake(({ consumer }) => events.has(consumer.event));
	}

	async consume(consumer: Consumer): Promise<() => Promise<void>> {
		const subscription: Subscription = {
			id: this.queue.consumer(consumer.group, consumer.event),
			consumer,
			room: consumer.maxInFlight ?? 10,
			running: new Set()
		};
		this.subscriptions.add(subscription);
		this.wake(other => other === subscription);
		this.lookIn(this.options.pollMs);
		return () => this.stop(subscription);
	}

	async deadLetters(page: { readonly skip: number; readonly limit: number }) {
		return this.queue.deadLetters(page);
	}

	async replay(id: string): Promise<boolean> {
		const consumer = this.queue.replay(id);
		this.wake(subscription => subscription.id === consumer);
		return consumer !== null;
	}

	async discard(id: string): Promise<boolean> {
		return this.queue.discard(id);
	}

	async lag(): Promise<Lag[]> {
		return this.queue.lag();
	}

	async close(): Promise<void> {
		await Promise.all([...this.subscriptions].map(subscription => this.stop(subscription)));
		await this.finish(this.running.keys()); // of subscriptions that somebody else is stopping just now
	}

	private async stop(subscription: Subscription): Promise<void> {
		this.subscriptions.delete(subscription);
		this.ready.delete(subscription);
		await this.finish(subscription.running);
	}

	private async finish(deliveries: Iterable<Delivery>): Promise<void> {
		await Promise.all([...deliveries].flatMap(delivery => this.running.get(delivery) ?? []));
		if (this.settled.length) this.turn();
		if (this.subscriptions.size || this.running.size) return;
		clearTimeout(this.timer);
		clearImmediate(this.soon);
		this.lookAt = Infinity;
		this.soon = undefined;
	}

	/** Has those that match look for work as soon as what runs now lets go; many calls share one turn. */
	private wake(matches: (subscription: Subscription) => boolean = () => false): void {
		for (const subscription of this.subscriptions)
			if (matches(subscription)) this.ready.add(subscription);
		const hungry = [...this.ready].some(({ room, running }) => running.size < room);
		if (hungry || this.settled.length) this.soon ??= setImmediate(() => this.turn());
	}

	/** Looks for what comes from elsewhere or is due by now, in `ms` at the latest. */
	private lookIn(ms: number): void {
		const at = Date.now() + ms;
		if (at >= this.lookAt) return;
		clearTimeout(this.timer);
		this.lookAt = at;
		this.timer = setTimeout(() => this.look(), ms);
	}

	private look(): void {
		const now = Date.now();
		try {
			const ready = new Set(this.queue.ready(now, this.latest(now)));
			this.wake(({ id }) => ready.has(id));
			if (performance.now() >= this.sweepAt) this.sweep(now);
		} catch (err) {
			this.options.logger.error({ err }, "The facts queue could not be read; trying again");
		}
		if (this.running.size && performance.now() >= this.extendAt) this.turn();
		this.lookAt = Infinity;
		this.lookIn(Math.min(this.options.pollMs, this.options.leaseMs / 3));
		for (const due of this.retries)
			if (due <= now) this.retries.delete(due);
			else this.lookIn(due - now);
	}

	/** What is due later than any back-off or lease can be was stamped by a clock that was wrong: it is due now. */
	private latest(now: number): number {
		return now + Math.max(this.options.leaseMs, ...this.options.backoffMs) + MAX_CLOCK_SKEW_MS;
	}

	private retry(due: number): void {
		this.retries.add(due);
		this.lookIn(due - Date.now());
	}

	/** One page a look while there is something old, then a long pause: the cleanup never holds anybody up. */
	private sweep(now: number): void {
		this.sweptTo = this.queue.sweep(this.sweptTo, now - this.options.keepMs);
		if (!this.sweptTo) this.sweepAt = performance.now() + SWEEP_EVERY_MS;
	}

	/** Writes down what came out of finished deliveries and claims new ones, all in one commit, and starts them. */
	private turn(): void {
		clearImmediate(this.soon);
		this.soon = undefined;
		const settled = this.settled;
		this.settled = [];
		let claims: { subscription: Subscription; limit: number; deliveries: Delivery[] }[];
		try {
			claims = runInTransaction(this.db, () => {
				this.extend(); // before claiming: after a long block this process's own leases have ended as well
				for (const verdict of settled) this.settle(verdict);
				return this.claim();
			});
		} catch (err) {
			this.settled.unshift(...settled);
			this.options.logger.error({ err }, "Facts could not be claimed or settled; trying again");
			return;
		}
		for (const verdict of settled) if (verdict.kind === "again") this.retry(verdict.due);
		for (const { subscription, limit, deliveries } of claims) {
			this.ready.delete(subscription);
			if (deliveries.length === limit) this.ready.add(subscription); // there may be more: to the end of the line
			for (const delivery of deliveries) {
				subscription.running.add(delivery);
				this.running.set(delivery, this.run(subscription, delivery));
			}
		}
		this.wake();
	}

	private claim() {
		const now = Date.now();
		let budget = BATCH;
		return [...this.ready].flatMap(subscription => {
			const limit = Math.min(budget, subscription.room - subscription.running.size);
			if (limit <= 0) return [];
			const deliveries = this.queue.claim(subscription.id, limit, now, this.latest(now));
			budget -= deliveries.length;
			return [{ subscription, limit, deliveries }];
		});
	}

	private async run({ consumer, running }: Subscription, delivery: Delivery): Promise<void> {
		let verdict: Verdict = { delivery, kind: "done" };
		try {
			await Promise.resolve(); // one that throws at once must not be over before it is noted as running
			await consumer.handle(delivery.fact, delivery.attempt);
		} catch (err) {
			verdict = this.judge(consumer, delivery, err);
		}
		running.delete(delivery);
		this.running.delete(delivery);
		this.settled.push(verdict);
		this.wake();
	}

	private judge(consumer: Consumer, delivery: Delivery, err: unknown): Verdict {
		const failed = judgeFailure(this.options.logger, this.options.backoffMs, consumer, delivery, err);
		return "wait" in failed
			? { delivery, kind: "again", due: Date.now() + failed.wait }
			: { delivery, kind: "dead", error: failed.error };
	}

	private settle(verdict: Verdict): void {
		if (this.queue.settle(verdict)) return;
		const { fact, attempt } = verdict.delivery;
		this.options.logger.warn(
			{ factId: fact.id, attempt },
			"A fact took longer than its lease: it is delivered again"
		);
	}

	private extend(): void {
		const now = Date.now();
		if (performance.now() < this.extendAt) return;
		for (const delivery of this.running.keys()) this.queue.extend(delivery, now);
		this.extendAt = performance.now() + this.options.leaseMs / 3;
	}
}
