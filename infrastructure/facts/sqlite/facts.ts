import type { DatabaseSync } from "node:sqlite";
import { ulid } from "ulid";
import { MAX_CLOCK_SKEW_MS } from "../../../schemas/values/clock-skew";
import type { Logger } from "../../log";
import { runInTransaction } from "../../sqlite-file";
import { BACKOFF_MS, judgeFailure } from "../retry-policy";
import type { Consumer, FactsTransport, Lag, StoredFact } from "../transport";
import { PollTimer } from "./poll-timer";
import { openFactQueue, type Delivery, type Outcome, type FactQueue } from "./queue";

export type SqliteFactsOptions = {
	readonly logger: Logger;
	/** Delays before the second, third, … attempt to handle a fact; the attempt after the last delay is the final one. */
	readonly backoffMs?: readonly number[];
	/** The facts of a crashed process are delivered to others after this time. Leases of running handlers are extended. */
	readonly leaseMs?: number;
	/** The least time for which a fact is kept after every known consumer has handled it. */
	readonly keepMs?: number;
	/** The longest time until facts of another process are seen; those of this process are seen at once. */
	readonly pollMs?: number;
};

type Subscription = {
	readonly id: number;
	readonly consumer: Consumer;
	readonly maxInFlight: number;
	readonly running: Set<Delivery>;
};

const DEFAULTS = {
	backoffMs: BACKOFF_MS,
	leaseMs: 10_000,
	keepMs: 7 * 24 * 3_600_000,
	pollMs: 250
};

/** The most handlers started in one go, so that sockets and timers get their turn of the event loop. */
const MAX_STARTS = 32;
const SWEEP_EVERY_MS = 60_000;

/**
 * Facts in tables of the embedded SQLite file, for any number of processes. A process that blocks its event loop for longer
 * than a lease counts as crashed: the facts that it is handling are delivered to others as well.
 */
export const createSqliteFacts = (db: DatabaseSync, options: SqliteFactsOptions): FactsTransport =>
	new SqliteFacts(db, { ...DEFAULTS, ...options });

class SqliteFacts implements FactsTransport {
	private readonly queue: FactQueue;
	private readonly subscriptions = new Set<Subscription>();
	/** Subscriptions that may have facts to claim, in the order in which they get their turn. */
	private readonly ready = new Set<Subscription>();
	/** Every running handler, also of subscriptions that are stopping: their leases are extended until the end. */
	private readonly running = new Map<Delivery, Promise<void>>();
	/** Outcomes that have not been written to the database yet. */
	private outcomes: Outcome[] = [];
	private scheduledTurn: NodeJS.Immediate | undefined;
	private readonly timer: PollTimer;
	private extendAt = 0;
	private sweepAt = 0;
	private sweptTo = 0;

	constructor(
		private readonly db: DatabaseSync,
		private readonly options: Required<SqliteFactsOptions>
	) {
		this.queue = openFactQueue(db, ulid(), options.leaseMs, options.backoffMs.length + 1);
		const pollEveryMs = Math.min(options.pollMs, options.leaseMs / 3);
		this.timer = new PollTimer(now => this.poll(now), pollEveryMs);
	}

	async publish(facts: readonly StoredFact[]): Promise<void> {
		if (!facts.length) return;
		this.queue.publish(facts);
		const events = new Set(facts.map(({ event }) => event));
		this.wake(({ consumer }) => events.has(consumer.event));
	}

	async consume(consumer: Consumer): Promise<() => Promise<void>> {
		const subscription: Subscription = {
			id: this.queue.ensureConsumer(consumer.group, consumer.event),
			consumer,
			maxInFlight: consumer.maxInFlight ?? 10,
			running: new Set()
		};
		this.subscriptions.add(subscription);
		this.wake(other => other === subscription);
		this.timer.within(this.options.pollMs);
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
		await this.finish(this.running.keys()); // handlers of subscriptions whose stop is already under way
	}

	private async stop(subscription: Subscription): Promise<void> {
		this.subscriptions.delete(subscription);
		this.ready.delete(subscription);
		await this.finish(subscription.running);
	}

	/** Awaits the handlers and writes their outcomes; ends all timers with the last subscription. */
	private async finish(deliveries: Iterable<Delivery>): Promise<void> {
		await Promise.all([...deliveries].flatMap(delivery => this.running.get(delivery) ?? []));
		if (this.outcomes.length) this.runTurn();
		if (this.subscriptions.size || this.running.size) return;
		this.timer.stop();
		clearImmediate(this.scheduledTurn);
		this.scheduledTurn = undefined;
	}

	/** Marks matching subscriptions as ready, and schedules a turn if one can start or an outcome is to be written. */
	private wake(matches: (subscription: Subscription) => boolean = () => false): void {
		for (const subscription of this.subscriptions)
			if (matches(subscription)) this.ready.add(subscription);
		const canStart = [...this.ready].some(({ maxInFlight, running }) => running.size < maxInFlight);
		if (canStart || this.outcomes.length) this.scheduledTurn ??= setImmediate(() => this.runTurn());
	}

	/** Looks for facts of other processes, and for back-offs and leases that have ended. */
	private poll(now: number): void {
		try {
			const ready = new Set(this.queue.findReady(now, this.latestDue(now)));
			this.wake(({ id }) => ready.has(id));
			if (performance.now() >= this.sweepAt) this.sweep(now);
		} catch (err) {
			this.options.logger.error({ err }, "The facts queue could not be read; trying again");
		}
		if (this.running.size && performance.now() >= this.extendAt) this.runTurn();
	}

	/** The latest end that a back-off or lease can have. A later one came from a wrong clock, and counts as ended. */
	private latestDue(now: number): number {
		return now + Math.max(this.options.leaseMs, ...this.options.backoffMs) + MAX_CLOCK_SKEW_MS;
	}

	/** Sweeps one page at each poll while there are old facts, and pauses then: no other work waits long for it. */
	private sweep(now: number): void {
		this.sweptTo = this.queue.sweep(this.sweptTo, now - this.options.keepMs);
		if (!this.sweptTo) this.sweepAt = performance.now() + SWEEP_EVERY_MS;
	}

	/** Writes the outcomes of ended deliveries and claims new ones, all in one commit, and starts their handlers. */
	private runTurn(): void {
		clearImmediate(this.scheduledTurn);
		this.scheduledTurn = undefined;
		const { outcomes } = this;
		this.outcomes = [];
		let claims: { subscription: Subscription; limit: number; deliveries: Delivery[] }[];
		try {
			claims = runInTransaction(this.db, () => {
				this.extendLeases(); // before claiming: after a long block this process's own leases have ended as well
				for (const outcome of outcomes) this.settle(outcome);
				return this.claim();
			});
		} catch (err) {
			this.outcomes.unshift(...outcomes);
			this.options.logger.error({ err }, "Facts could not be claimed or settled; trying again");
			return;
		}
		for (const outcome of outcomes) if (outcome.kind === "retry") this.timer.at(outcome.due);
		for (const { subscription, limit, deliveries } of claims) {
			this.ready.delete(subscription);
			if (deliveries.length === limit) this.ready.add(subscription); // there may be more: its next turn comes last
			for (const delivery of deliveries) {
				subscription.running.add(delivery);
				this.running.set(delivery, this.run(subscription, delivery));
			}
		}
		this.wake();
	}

	private claim() {
		const now = Date.now();
		let budget = MAX_STARTS;
		return [...this.ready].flatMap(subscription => {
			const limit = Math.min(budget, subscription.maxInFlight - subscription.running.size);
			if (limit <= 0) return [];
			const deliveries = this.queue.claim(subscription.id, limit, now, this.latestDue(now));
			budget -= deliveries.length;
			return [{ subscription, limit, deliveries }];
		});
	}

	private async run({ consumer, running }: Subscription, delivery: Delivery): Promise<void> {
		let outcome: Outcome = { delivery, kind: "handled" };
		try {
			await Promise.resolve(); // a handler that throws at once must not end before it is entered in `running`
			await consumer.handle(delivery.fact, delivery.attempt);
		} catch (err) {
			outcome = this.toFailedOutcome(consumer, delivery, err);
		}
		running.delete(delivery);
		this.running.delete(delivery);
		this.outcomes.push(outcome);
		this.wake();
	}

	private toFailedOutcome(consumer: Consumer, delivery: Delivery, err: unknown): Outcome {
		const verdict = judgeFailure(this.options.logger, this.options.backoffMs, consumer, delivery, err);
		return "wait" in verdict
			? { delivery, kind: "retry", due: Date.now() + verdict.wait }
			: { delivery, kind: "dead", error: verdict.error };
	}

	private settle(outcome: Outcome): void {
		if (this.queue.settle(outcome)) return;
		const { fact, attempt } = outcome.delivery;
		this.options.logger.warn(
			{ factId: fact.id, attempt },
			"A fact took longer than its lease: it is delivered again"
		);
	}

	private extendLeases(): void {
		const now = Date.now();
		if (performance.now() < this.extendAt) return;
		for (const delivery of this.running.keys()) this.queue.extend(delivery, now);
		this.extendAt = performance.now() + this.options.leaseMs / 3;
	}
}
