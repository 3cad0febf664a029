import type { DatabaseSync } from "node:sqlite";
import { newId } from "../../../schemas/values/new-id";
import { groupCommitOf } from "../../group-commit";
import { processEndedError } from "../retry-policy";
import type { DeadLetter, Lag, StoredFact } from "../transport";
import { addTraceColumn, prepareStatements, TABLES } from "./statements";

/** A fact claimed for one consumer. The process that claimed it owns it until its lease ends. */
export type Delivery = {
	readonly consumer: number;
	readonly seq: number;
	readonly attempt: number;
	readonly fact: StoredFact;
};

/** The outcome of a delivery: the fact was handled, is retried at the time `due`, or was given up. */
export type Outcome = { readonly delivery: Delivery } & (
	| {
			readonly kind: "handled";
			/** A roll-back of the open transaction undoes what the handler wrote. */
			readonly shared: boolean;
	  }
	| { readonly kind: "retry"; readonly due: number }
	| { readonly kind: "dead"; readonly error: string }
);

export type FactQueue = ReturnType<typeof openFactQueue>;

/** The most facts that one step of the sweep reads: it takes about a millisecond. */
const SWEEP_PAGE = 500;

/** Room of a consumer for deliveries. `mayBeDue` is false where only new facts are expected. */
export type Capacity = { readonly consumer: number; readonly free: number; readonly mayBeDue: boolean };
/** Deliveries that a consumer was given. Where they are as many as `limit`, there may be more. */
export type Claim = { readonly limit: number; readonly deliveries: readonly Delivery[] };

export type FactRow = {
	seq: number;
	id: string;
	event: string;
	payload: string;
	at: number;
	traceparent: string | null;
};
type NewRow = FactRow & { consumer: number };
type DeliveryRow = { consumer: number; seq: number };
type DueRow = { seq: number; attempts: number };
type DeadRow = Omit<DeadLetter, "payload" | "at"> & { payload: string; at: number };
type LagRow = Omit<Lag, "oldestAt"> & { oldestAt: number | null };
type PageRow = { last: number; oldestAt: number; size: number } | { last: null };

export const toFact = ({ id, event, payload, at, traceparent }: FactRow): StoredFact => ({
	id,
	event,
	payload: JSON.parse(payload) as StoredFact["payload"],
	at: new Date(at),
	...(traceparent !== null && { traceparent })
});

/**
 * The tables of the embedded facts transport, for the process `owner`. `publish`, `claim`, `extend` and `settle` must be called
 * within a transaction, so that many of them share one commit. Times are in ms since the epoch.
 */
export function openFactQueue(db: DatabaseSync, owner: string, leaseMs: number, maxAttempts: number) {
	const group = groupCommitOf(db);
	group.createTables(TABLES);
	addTraceColumn(db, work => group.runAlone(work));
	const sql = prepareStatements(db);

	const addDeadLetter = (consumer: number, seq: number, error: string, attempts: number) =>
		sql.addDeadLetter.run(newId(), consumer, seq, error, attempts, Date.now());

	/** Claims deliveries whose back-off or lease has ended. A `due` after `latest` came from a wrong clock, and counts as ended. */
	function claimDue(consumer: number, limit: number, now: number, latest: number): Delivery[] {
		const due = sql.takeDue.all(owner, now + leaseMs, consumer, consumer, now, latest, limit) as DueRow[];
		return due
			.toSorted((a, b) => a.seq - b.seq)
			.flatMap(({ seq, attempts }) => {
				if (attempts <= maxAttempts)
					return [{ consumer, seq, attempt: attempts, fact: toFact(sql.fact.get(seq) as FactRow) }];
				sql.removeDelivery.run(consumer, seq, owner);
				addDeadLetter(consumer, seq, processEndedError(maxAttempts), maxAttempts);
				return [];
			});
	}

	/** Claims facts that the consumers have not been given yet: for each so many at most, and `budget` in all. */
	function claimNew(limits: ReadonlyMap<number, number>, budget: number, now: number): Map<number, Claim> {
		const most = Math.max(...limits.values());
		const found = sql.newFacts.all(JSON.stringify([...limits.keys()]), most) as NewRow[];
		const rowsOf = Map.groupBy(found, ({ consumer }) => consumer);
		let left = budget;
		const claims = new Map<number, Claim>();
		for (const [consumer, wanted] of limits) {
			const limit = Math.min(wanted, left);
			const rows = (rowsOf.get(consumer) ?? []).slice(0, limit);
			left -= rows.length;
			const deliveries = rows.map(row => ({ consumer, seq: row.seq, attempt: 1, fact: toFact(row) }));
			claims.set(consumer, { limit, deliveries });
		}
		const taken = [...claims.values()].flatMap(({ deliveries }) => deliveries);
		if (taken.length === 0) return claims;
		sql.takeNew.run(
			now + leaseMs,
			owner,
			JSON.stringify(taken.map(({ consumer, seq }) => [consumer, seq]))
		);
		const next = new Map(taken.map(({ consumer, seq }) => [consumer, seq + 1]));
		sql.advance.run(JSON.stringify([...next]));
		return claims;
	}

	return {
		/** Within a transaction. */
		publish(facts: readonly StoredFact[]): void {
			const rows = facts.map(
				({ id, event, payload, at, traceparent = null }) =>
					[id, event, JSON.stringify(payload), at.getTime(), traceparent] as const
			);
			for (const row of rows) sql.publish.run(...row);
		},

		/** Registers the consumer where it is new, and returns its number. A new one begins with the oldest fact kept. */
		ensureConsumer: (name: string, event: string): Promise<number> =>
			group.write(() => {
				sql.addConsumer.run(event, name);
				return (sql.consumer.get(event, name) as { id: number }).id;
			}),

		/** The numbers of all consumers that have something to claim now, by one query. */
		findReady: (now: number, latest: number) =>
			(sql.ready.all(now, latest) as { id: number }[]).map(({ id }) => id),

		/** Within a transaction. Claims the oldest facts of each consumer, at most `budget` in all, in the order of the consumers. */
		claim(capacities: readonly Capacity[], budget: number, now: number, latest: number): Claim[] {
			const limits = new Map<number, number>();
			let left = budget;
			const claims = capacities.map(({ consumer, free, mayBeDue }) => {
				const limit = Math.min(left, free);
				const due = mayBeDue && limit > 0 ? claimDue(consumer, limit, now, latest) : [];
				left -= due.length;
				if (due.length < limit) limits.set(consumer, limit - due.length);
				return { consumer, limit, due };
			});
			const fresh = limits.size > 0 ? claimNew(limits, left, now) : new Map<number, Claim>();
			return claims.map(({ consumer, limit, due }) => {
				const more = fresh.get(consumer);
				return more
					? { limit: due.length + more.limit, deliveries: [...due, ...more.deliveries] }
					: { limit, deliveries: due };
			});
		},

		/** Within a transaction. Extends the lease of a delivery whose handler is running. */
		extend({ consumer, seq }: Delivery, now: number): void {
			sql.extend.run(now + leaseMs, consumer, seq, owner);
		},

		/** Within a transaction. Ends handled deliveries; returns those whose lease had ended, when another process has claimed the fact. */
		settleHandled(deliveries: readonly Delivery[]): Delivery[] {
			const pairs = deliveries.map(({ consumer, seq }) => [consumer, seq]);
			const removed = sql.removeDeliveries.all(JSON.stringify(pairs), owner) as DeliveryRow[];
			const ours = new Set(removed.map(({ consumer, seq }) => `${consumer}/${seq}`));
			return deliveries.filter(({ consumer, seq }) => !ours.has(`${consumer}/${seq}`));
		},

		/** Within a transaction. Records how the delivery ended. False if the lease had ended, and another process has claimed the fact. */
		settle(outcome: Outcome): boolean {
			const { consumer, seq, attempt } = outcome.delivery;
			if (outcome.kind === "retry")
				return sql.postpone.run(outcome.due, consumer, seq, owner).changes === 1;
			const ours = sql.removeDelivery.run(consumer, seq, owner).changes === 1;
			if (ours && outcome.kind === "dead") addDeadLetter(consumer, seq, outcome.error, attempt);
			return ours;
		},

		deadLetters: ({ skip, limit }: { readonly skip: number; readonly limit: number }) =>
			group.read(() => {
				const rows = sql.deadLetters.all(limit, skip) as DeadRow[];
				const items: DeadLetter[] = rows.map(({ payload, at, ...row }) => ({
					...row,
					payload: JSON.parse(payload) as StoredFact["payload"],
					at: new Date(at)
				}));
				return { items, total: (sql.countDeadLetters.get() as { total: number }).total };
			}),

		/** Makes the dead letter a delivery again, and returns the consumer's number; null where there is none of that id. */
		replay: (id: string): Promise<number | null> =>
			group.write(() => {
				const dead = sql.removeDeadLetter.get(id) as { consumer: number; seq: number } | undefined;
				if (!dead) return null;
				sql.redeliver.run(dead.consumer, dead.seq, Date.now());
				return dead.consumer;
			}),

		discard: (id: string): Promise<boolean> =>
			group.write(() => sql.removeDeadLetter.get(id) !== undefined),

		lag: (): Lag[] =>
			(sql.lag.all() as LagRow[]).map(({ consumer, event, pending, oldestAt }) => ({
				consumer,
				event,
				pending,
				oldestAt: oldestAt === null ? null : new Date(oldestAt)
			})),

		/** Deletes the handled facts from before `cutoff` among the next SWEEP_PAGE after `after`. Resolves to where to go on, 0 at the end. */
		async sweep(after: number, cutoff: number): Promise<number> {
			const page = sql.page.get(after, SWEEP_PAGE) as PageRow;
			if (page.last === null || page.oldestAt >= cutoff) return 0;
			const { last, size } = page;
			await group.write(() => sql.sweep.run(after, last, cutoff));
			return size < SWEEP_PAGE ? 0 : last;
		}
	};
}
