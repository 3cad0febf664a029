/** Something that happened, as it rides on a document's outbox and over the queue. */
export type StoredFact = {
	/** Unique; the same fact published twice is delivered once (within the transport's window). */
	readonly id: string;
	readonly event: string;
	readonly payload: Readonly<Record<string, unknown>>;
	readonly at: Date;
};

export type Consumer = {
	/** The consumer group: the service's name. Instances of one service share the work, another service gets its own copy. */
	readonly group: string;
	readonly event: string;
	/** How many deliveries of this consumer run at once in this process (default 10). */
	readonly maxInFlight?: number;
	/** Rejecting means: again later. `attempt` is 1 the first time. */
	handle(fact: StoredFact, attempt: number): Promise<void>;
};

/** A fact that a consumer gave up on after its last attempt. */
export type DeadLetter = {
	readonly id: string;
	readonly event: string;
	readonly consumer: string;
	readonly payload: Readonly<Record<string, unknown>>;
	readonly factId: string;
	readonly error: string;
	readonly attempts: number;
	readonly at: Date;
};

export type Lag = {
	readonly consumer: string;
	readonly event: string;
	readonly pending: number;
	readonly oldestAt: Date | null;
};

/**
 * The durable way of facts: every fact reaches every consumer group at least once, in whatever order, also a group that
 * was away or is new (from the oldest fact kept on). Embedded: a table in the SQLite file; distributed: JetStream,
 * with a journal beside the documents.
 */
export interface FactsTransport {
	/**
	 * Resolves once the facts are as durable as the documents that told them, so that outboxes may be cleared: whatever the
	 * queue itself loses, the transport tells again. Publishing an id again is a no-op.
	 */
	publish(facts: readonly StoredFact[]): Promise<void>;
	/** Makes the durable consumer where it is new and starts delivering; the answer stops it and waits for what is running. */
	consume(consumer: Consumer): Promise<() => Promise<void>>;
	deadLetters(page: {
		readonly skip: number;
		readonly limit: number;
	}): Promise<{ items: DeadLetter[]; total: number }>;
	/** Delivers the dead letter to its consumer again, from attempt 1; false when there is none of that id. */
	replay(id: string): Promise<boolean>;
	discard(id: string): Promise<boolean>;
	/** What each known consumer group has yet to do. */
	lag(): Promise<Lag[]>;
	/** Stops every consumer, waits for running handlers, lets go of the connection. */
	close(): Promise<void>;
}
