/** A fact, the record of something that happened, as it is stored on a document's outbox and published. */
export type StoredFact = {
	/** Unique. A fact that is published twice is delivered once (on JetStream within the stream's duplicate window). */
	readonly id: string;
	readonly event: string;
	readonly payload: Readonly<Record<string, unknown>>;
	readonly at: Date;
	/** The W3C `traceparent` of the traced call that made the fact. */
	readonly traceparent?: string;
};

export type Consumer = {
	/** The consumer group, named after the service: the service's instances share its deliveries, other groups get their own. */
	readonly group: string;
	readonly event: string;
	/** The most deliveries that this consumer handles at once in this process; 10 by default. */
	readonly maxInFlight?: number;
	/** Rejects to have the fact delivered again later. `attempt` counts from 1. */
	handle(fact: StoredFact, attempt: number): Promise<void>;
};

/** A fact that a consumer group gave up after its last attempt. */
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

/** The facts of an event that a consumer group has yet to handle, and when the oldest of them happened. */
export type Lag = {
	readonly consumer: string;
	readonly event: string;
	readonly pending: number;
	readonly oldestAt: Date | null;
};

/** A fact of the log with its number, which grows, and the position after it. */
export type LoggedFact = StoredFact & { readonly seq: number; readonly position: string };

/** A stretch of the log of all facts. */
export type LogPage = {
	/** In the order in which they were stored. */
	readonly facts: readonly LoggedFact[];
	/** After the last of them; opaque. */
	readonly position: string;
	/** The number up to which the log was read. After a `gap` numbers may begin anew. */
	readonly seq: number;
	/** The id of the last fact up to there, if one was read. */
	readonly lastId: string | null;
	/** The log is not what it was at the position that was given: facts may be missing before these, or come again. */
	readonly gap: boolean;
	/** About how many facts are stored after the position. */
	readonly behind: number;
};

/**
 * Delivers every fact at least once to every consumer group, in any order; a group that was away or is new gets all facts
 * that are still kept. Embedded: tables of the SQLite file; distributed: JetStream, and a journal beside the documents.
 */
export interface FactsTransport {
	/**
	 * Resolves once the facts are as durable as the documents of their outboxes, which may be cleared then: facts that the
	 * stream loses are published again by the transport itself. An id that is published again has no effect.
	 */
	publish(facts: readonly StoredFact[]): Promise<void>;
	/**
	 * Only where the facts are in tables of an SQLite file: publishes within a write of a document of the same file, as its
	 * `alongside`. The facts are then stored exactly when the document is.
	 */
	enqueue?(facts: readonly StoredFact[]): void;
	/** Registers the consumer and starts its deliveries. The returned function stops them and awaits the running handlers. */
	consume(consumer: Consumer): Promise<() => Promise<void>>;
	/** Newest first. */
	deadLetters(page: {
		readonly skip: number;
		readonly limit: number;
	}): Promise<{ items: DeadLetter[]; total: number }>;
	/** Delivers the dead letter to its consumer group again, from attempt 1; false where there is none of that id. */
	replay(id: string): Promise<boolean>;
	discard(id: string): Promise<boolean>;
	/**
	 * Reads the log of all facts after a position, in one order for all processes; null: from its end on. At most `limit` facts,
	 * which are kept for seven days. A fact that was published more than once may come again.
	 */
	readLog(after: string | null, limit: number): Promise<LogPage>;
	/** The position of a fact in the log; null where it, or one after it, may not be kept any more. */
	findInLog(factId: string): Promise<string | null>;
	/**
	 * Makes this process one that publishes the facts of all services again: those that the transport has lost, and dead
	 * letters. Other processes publish the facts of their own services only, so that the bus can refuse them all others.
	 */
	keepFacts?(): void;
	/** The backlog of each known consumer group. */
	lag(): Promise<Lag[]>;
	/** Stops every consumer, awaits the running handlers and closes the connection. */
	close(): Promise<void>;
}

/** The part of a transport that stores publish with. `enqueue` is absent unless documents and facts are in the same file. */
export type Publisher = {
	readonly publish: (facts: readonly StoredFact[]) => Promise<void>;
	readonly enqueue?: (facts: readonly StoredFact[]) => void;
};
