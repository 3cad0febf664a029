import type { DatabaseSync } from "node:sqlite";
import { MAX_CLOCK_SKEW_MS } from "../../../schemas/values/clock-skew";
import { groupCommitOf, type GroupCommit } from "../../group-commit";
import type { Logger } from "../../log";
import { newId } from "../../../schemas/values/new-id";
import { LOG_KEPT_MS } from "../log-retention";
import { BACKOFF_MS, judgeFailure } from "../retry-policy";
import type { Consumer, FactsTransport, Lag, StoredFact } from "../transport";
import { openFactLog } from "./log";
import { PollTimer } from "./poll-timer";
import { openFactQueue, type Delivery, type Outcome, type FactQueue } from "./queue";
import { logError } from "../../log-codes";

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
	/** There may be facts whose back-off or lease has ended, beside new ones. */
	mayBeDue: boolean;
};

/** The deliveries that one commit settles and claims. */
type Turn = {
	readonly outcomes: readonly Outcome[];
	claims: readonly { subscription: Subscription; limit: number; deliveries: readonly Delivery[] }[];
};

const DEFAULTS = {
	backoffMs: BACKOFF_MS,
	leaseMs: 10_000,
	keepMs: LOG_KEPT_MS + 3_600_000, // a fact may be stored a little after it happened
	pollMs: 250
};

/** The most handlers started in one go, so that sockets and timers get their turn of the event loop. */
const MAX_STARTS = 32;
const SWEEP_EVERY_MS = 60_000;
/** The longest wait of a handled fact for a commit that settles it. */
const SETTLE_WITHIN_MS = 50;

/**
 * Facts in tables of the embedded SQLite file, for any number of processes. A process that blocks its event loop for longer
 * than a lease counts as crashed: the facts that it is handling are delivered to others as well.
 */
export const createSqliteFacts = (db: DatabaseSync, options: SqliteFactsOptions): SqliteFacts =>
	new SqliteFacts(db, { ...DEFAULTS, ...options });

export class SqliteFacts implements FactsTransport {
	private readonly queue: FactQueue;
	private readonly log: ReturnType<typeof openFactLog>;
	private readonly subscriptions = new Set<Subscription>();
	/** Subscriptions that may have facts to claim, in the order in which they get their turn. */
	private readonly ready = new Set<Subscription>();
	/** Every running handler, also of subscriptions that are stopping: their leases are extended until the end. */
	private readonly running = new Map<Delivery, Promise<void>>();
	/** Outcomes that have not been written to the database yet. */
	private outcomes: Outcome[] = [];
	/** Outcomes that the next commit settles, whoever makes it, and at the latest one of their own. */
	private readonly unhurried: Outcome[] = [];
	private settleTimer: NodeJS.Timeout | undefined;
	/** The deliveries that the commit under way settles and claims. */
	private turn: Turn | undefined;
	/** The commit that was requested for the sake of a turn, and the sweep under way. */
	private turning: Promise<void> = Promise.resolve();
	private sweeping: Promise<void> = Promise.resolve();
	private readonly group: GroupCommit;
	private readonly stopTurns: () => void;
	private scheduledTurn: NodeJS.Immediate | undefined;
	private readonly timer: PollTimer;
	private extendAt = 0;
	private sweepAt = 0;
	private sweptTo = 0;

	constructor(
		db: DatabaseSync,
		private readonly options: Required<SqliteFactsOptions>
	) {
		this.group = groupCommitOf(db);
		this.stopTurns = this.group.onCommit({
			before: () => this.beginTurn(),
			after: failure => this.endTurn(failure)
		});
		this.queue = openFactQueue(db, newId(), options.leaseMs, options.backoffMs.length + 1);
		this.log = openFactLog(db);
		const pollEveryMs = Math.min(options.pollMs, options.leaseMs / 3);
		this.timer = new PollTimer(now => this.poll(now), pollEveryMs);
	}

	async publish(facts: readonly StoredFact[]): Promise<void> {
		if (facts.length) await this.group.write(() => this.enqueue(facts), { savepoint: facts.length > 1 });
	}

	enqueue(facts: readonly StoredFact[]): void {
		this.queue.publish(facts);
		for (const subscription of this.subscriptions)
			if (facts.some(({ event }) => event === subscription.consumer.event))
				this.ready.add(subscription);
	}

	async consume(consumer: Consumer): Promise<() => Promise<void>> {
		const subscription: Subscription = {
			id: await this.queue.ensureConsumer(consumer.group, consumer.event),
			consumer,
			maxInFlight: consumer.maxInFlight ?? 10,
			running: new Set(),
			mayBeDue: true
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
		const consumer = await this.queue.replay(id);
		this.wake(subscription => subscription.id === consumer);
		return consumer !== null;
	}

	async discard(id: string): Promise<boolean> {
		return this.queue.discard(id);
	}

	readLog(after: string | null, limit: number) {
		return this.log.read(after, limit);
	}

	findInLog(factId: string) {
		return this.log.find(factId);
	}

	async lag(): Promise<Lag[]> {
		return this.queue.lag();
	}

	async close(): Promise<void> {
		await Promise.all([...this.subscriptions].map(subscription => this.stop(subscription)));
		await this.finish(this.running.keys()); // handlers of subscriptions whose stop is already under way
		this.stopTurns();
	}

	private async stop(subscription: Subscription): Promise<void> {
		this.subscriptions.delete(subscription);
		this.ready.delete(subscription);
		await this.finish(subscription.running);
	}

	/** Awaits the handlers and writes their outcomes; ends all timers with the last subscription. */
	private async finish(deliveries: Iterable<Delivery>): Promise<void> {
		await Promise.all([...deliveries].flatMap(delivery => this.running.get(delivery) ?? []));
		// A failure is logged by the turn that takes part in this commit.
		if (this.outcomes.length || this.unhurried.length)
			await this.group.write(() => undefined).catch(() => undefined);
		if (this.subscriptions.size || this.running.size) return;
		this.timer.stop();
		clearTimeout(this.settleTimer);
		this.settleTimer = undefined;
		clearImmediate(this.scheduledTurn);
		this.scheduledTurn = undefined;
		await Promise.all([this.turning, this.sweeping]);
	}

	/** Marks matching subscriptions as ready, and has a commit follow if one can start or an outcome is to be written. */
	private wake(matches: (subscription: Subscription) => boolean = () => false): void {
		for (const subscription of this.subscriptions)
			if (matches(subscription)) {
				this.ready.add(subscription);
				subscription.mayBeDue = true;
			}
		if (this.hasWork()) this.scheduledTurn ??= setImmediate(() => this.requestTurn());
	}

	private requestTurn(): void {
		this.scheduledTurn = undefined;
		if (!this.hasWork() || this.group.openTransaction) return; // an open transaction ends with a turn anyway
		this.turning = this.group.write(() => undefined).catch((err: unknown) => this.logFailedTurn(err));
	}

	private hasWork(): boolean {
		if (this.outcomes.length > 0 || this.mustExtend()) return true;
		for (const { maxInFlight, running } of this.ready) if (running.size < maxInFlight) return true;
		return false;
	}

	private mustExtend(): boolean {
		return this.running.size > 0 && performance.now() >= this.extendAt;
	}

	/** Looks for facts of other processes, and for back-offs and leases that have ended. */
	private poll(now: number): void {
		try {
			const ready = new Set(this.queue.findReady(now, this.latestDue(now)));
			this.wake(({ id }) => ready.has(id));
			if (performance.now() >= this.sweepAt) this.sweeping = this.sweep(now);
		} catch (err) {
			logError(this.options.logger, "FACTS_NOT_READ", { err });
		}
	}

	/** The latest end that a back-off or lease can have. A later one came from a wrong clock, and counts as ended. */
	private latestDue(now: number): number {
		return now + Math.max(this.options.leaseMs, ...this.options.backoffMs) + MAX_CLOCK_SKEW_MS;
	}

	/** Sweeps one page at each poll while there are old facts, and pauses then: no other work waits long for it. */
	private async sweep(now: number): Promise<void> {
		const sweptTo = this.queue.sweep(this.sweptTo, now - this.options.keepMs);
		try {
			this.sweptTo = await sweptTo;
			if (!this.sweptTo) this.sweepAt = performance.now() + SWEEP_EVERY_MS;
		} catch (err) {
			logError(this.options.logger, "FACTS_NOT_DELETED", { err });
		}
	}

	/** Settles the deliveries that have ended and claims new ones, within the transaction that is about to be committed. */
	private beginTurn(): void {
		this.outcomes.push(...this.unhurried.splice(0));
		if (!this.hasWork()) return;
		const turn: Turn = { outcomes: this.outcomes, claims: [] };
		this.turn = turn;
		this.outcomes = [];
		if (this.mustExtend()) this.extendLeases(); // before claiming: after a long block this process's own leases have ended as well
		this.settle(turn.outcomes);
		turn.claims = this.claim();
	}

	/** Starts the handlers of the facts that the commit has claimed. */
	private endTurn(failure?: Error): void {
		const { turn } = this;
		if (!turn) return;
		this.turn = undefined;
		if (failure) {
			// The handlers whose writes are undone have failed, and so have an outcome of their own.
			this.outcomes.unshift(...turn.outcomes.filter(one => one.kind !== "handled" || !one.shared));
			this.logFailedTurn(failure);
			return;
		}
		for (const outcome of turn.outcomes) if (outcome.kind === "retry") this.timer.at(outcome.due);
		for (const { subscription, limit, deliveries } of turn.claims) {
			this.ready.delete(subscription);
			subscription.mayBeDue = false;
			if (deliveries.length === limit) {
				this.ready.add(subscription); // there may be more: its next turn comes last
				subscription.mayBeDue = true;
			}
			for (const delivery of deliveries) {
				subscription.running.add(delivery);
				this.running.set(delivery, this.run(subscription, delivery));
			}
		}
		this.wake();
	}

	/** The next poll tries again. */
	private logFailedTurn(err: unknown): void {
		logError(this.options.logger, "FACTS_NOT_SETTLED", { err });
	}

	private claim(): Turn["claims"] {
		const now = Date.now();
		const able = [...this.ready].filter(({ maxInFlight, running }) => running.size < maxInFlight);
		const claims = this.queue.claim(
			able.map(({ id, maxInFlight, running, mayBeDue }) => ({
				consumer: id,
				free: maxInFlight - running.size,
				mayBeDue
			})),
			MAX_STARTS,
			now,
			this.latestDue(now)
		);
		return claims.flatMap((claim, i) => {
			const subscription = able[i];
			return subscription && claim.limit > 0 ? [{ subscription, ...claim }] : [];
		});
	}

	/**
	 * Handles a fact. The handler's writes and the end of the delivery share a commit. Where it wrote nothing, the end waits a
	 * moment for the commit of somebody else.
	 */
	private async run({ consumer, running }: Subscription, delivery: Delivery): Promise<void> {
		try {
			await Promise.resolve(); // a handler that throws at once must not end before it is entered in `running`
			await this.group.together(async () => {
				await consumer.handle(delivery.fact, delivery.attempt);
				const shared = this.group.isInTransaction;
				(shared ? this.outcomes : this.unhurried).push({ delivery, kind: "handled", shared });
			});
			this.settleTimer ??= setTimeout(() => this.settleUnhurried(), SETTLE_WITHIN_MS).unref();
		} catch (err) {
			this.outcomes.push(this.toFailedOutcome(consumer, delivery, err));
		}
		running.delete(delivery);
		this.running.delete(delivery);
		this.wake();
	}

	private settleUnhurried(): void {
		this.settleTimer = undefined;
		this.outcomes.push(...this.unhurried.splice(0));
		this.wake();
	}

	private toFailedOutcome(consumer: Consumer, delivery: Delivery, err: unknown): Outcome {
		const verdict = judgeFailure(this.options.logger, this.options.backoffMs, consumer, delivery, err);
		return "wait" in verdict
			? { delivery, kind: "retry", due: Date.now() + verdict.wait }
			: { delivery, kind: "dead", error: verdict.error };
	}

	private settle(outcomes: readonly Outcome[]): void {
		const handled = outcomes.filter(({ kind }) => kind === "handled").map(({ delivery }) => delivery);
		const failed = outcomes.filter(outcome => outcome.kind !== "handled" && !this.queue.settle(outcome));
		const lost = [
			...(handled.length ? this.queue.settleHandled(handled) : []),
			...failed.map(one => one.delivery)
		];
		for (const { fact, attempt } of lost)
			this.options.logger.warn(
				{ factId: fact.id, attempt },
				"A fact took longer than its lease: it is delivered again"
			);
	}

	private extendLeases(): void {
		const now = Date.now();
		for (const delivery of this.running.keys()) this.queue.extend(delivery, now);
		this.extendAt = performance.now() + this.options.leaseMs / 3;
	}
}
