import { MAX_CLOCK_SKEW_MS } from "../../schemas/values/clock-skew";
import type { Publisher, StoredFact } from "../facts/transport";
import type { Logger } from "../log";
import type { ChangeOptions, Collection, Doc, Index, Update, Where } from "./collection";

/** A document with its unpublished facts and the time of the last of them. One write stores a change and its facts. */
export type WithOutbox = Doc & { readonly outbox?: readonly StoredFact[]; readonly outboxAt?: Date };

/** Index by which the sweep finds documents with unpublished facts. */
export const OUTBOX_INDEX: Index = { keys: { outboxAt: 1 }, sparse: true };

const SWEEP_EVERY_MS = 2_000;
/** Where documents and facts are in the same file, only what a run with NATS has left on documents is there to be found. */
const SWEEP_SAME_FILE_EVERY_MS = 10_000;
/** Facts younger than this are being relayed by the process that wrote them. */
const OVERDUE_AFTER_MS = 3_000;
const BATCH_SIZE = 200;

/**
 * Writes documents with the facts that the writes make true. Where documents and facts are in the same file, one transaction
 * stores both. Elsewhere the facts are stored on the document (transactional outbox) and published after the write, and by a
 * sweep those that a crash or an outage left behind. A fact is cleared only after the transport has stored it; one published
 * twice has the same id.
 */
export class Outbox {
	private timer: NodeJS.Timeout | undefined;
	private closed = false;
	private readonly running = new Set<Promise<void>>();

	/** When the oldest of the facts happened that the last sweep found unpublished. */
	private oldestAt: Date | null = null;

	/** `onStored` is called with the facts of each write that succeeded. */
	constructor(
		private readonly documents: Collection<WithOutbox>,
		private readonly facts: Publisher,
		private readonly logger: Logger,
		private readonly onStored: (facts: readonly StoredFact[]) => void = () => undefined
	) {}

	/** For how long the oldest unpublished fact has waited, in seconds; 0 where none waits for longer than usual. */
	readDelaySeconds(): number {
		return this.oldestAt ? Math.max(0, Date.now() - this.oldestAt.getTime()) / 1000 : 0;
	}

	/** `Collection.insert` of a document of the outbox's collection, with facts. */
	async insert<T extends Doc>(
		documents: Collection<T>,
		doc: T,
		facts: readonly StoredFact[]
	): Promise<void> {
		const publisher = this.facts;
		if (publisher.enqueue) await documents.insert(doc, () => publisher.enqueue?.(facts));
		else {
			const stored = { ...doc, outbox: facts, outboxAt: new Date() };
			await documents.insert(stored);
			this.relay(stored);
		}
		this.onStored(facts);
	}

	/** `Collection.change` of a document of the outbox's collection, with facts. */
	async change<T extends Doc>(
		documents: Collection<T>,
		where: Where<T>,
		update: Update<T>,
		facts: readonly StoredFact[],
		options?: ChangeOptions
	): Promise<T | null> {
		const doc = await (this.facts.enqueue
			? documents.change(where, update, {
					...options,
					alongside: () => this.facts.enqueue?.(facts)
				})
			: this.changeAndRelay(documents, where, update, facts, options));
		if (doc) this.onStored(facts);
		return doc;
	}

	private async changeAndRelay<T extends Doc>(
		documents: Collection<T>,
		where: Where<T>,
		update: Update<T>,
		facts: readonly StoredFact[],
		options?: ChangeOptions
	): Promise<T | null> {
		const withFacts: Update = {
			...update,
			$set: { ...update.$set, outboxAt: new Date() },
			$push: { ...update.$push, outbox: { $each: facts } }
		};
		const doc = await documents.change(where, withFacts as Update<T>, options);
		if (doc) this.relay(doc);
		return doc;
	}

	/** Publishes facts that were left behind, now and again and again until `close`. */
	startSweeping(): void {
		const everyMs = this.facts.enqueue ? SWEEP_SAME_FILE_EVERY_MS : SWEEP_EVERY_MS;
		const sweep = async () => {
			await this.track(this.sweep());
			this.timer = setTimeout(() => void sweep(), everyMs).unref();
		};
		this.timer = setTimeout(() => void sweep(), 100).unref();
	}

	/** Publishes in the background: the change is stored already, so its caller need not wait. */
	relay(doc: WithOutbox): void {
		if (doc.outbox?.length) void this.track(this.drain(doc));
	}

	async close(): Promise<void> {
		this.closed = true;
		clearTimeout(this.timer);
		await Promise.all(this.running);
		clearTimeout(this.timer);
	}

	private async drain(doc: WithOutbox): Promise<void> {
		for (let next: WithOutbox | null = doc; next?.outbox?.length;) {
			await this.facts.publish(next.outbox);
			// The guard clears exactly what was published: with a fact added meanwhile the guard fails, and all are published again.
			const cleared: WithOutbox | null = await this.documents.change(
				{ _id: next._id, "outbox.0.id": next.outbox[0]?.id, outbox: { $size: next.outbox.length } },
				{ $unset: { outbox: "", outboxAt: "" } }
			);
			next = cleared ? null : await this.documents.findOne({ _id: next._id });
		}
	}

	/** Publishes all overdue facts, batch by batch. A document whose facts fail does not hold up the others of its batch. */
	private async sweep(): Promise<void> {
		const overdueBefore = new Date(Date.now() - OVERDUE_AFTER_MS);
		const wrongAfter = new Date(Date.now() + MAX_CLOCK_SKEW_MS); // stamped by a wrong clock
		for (let size = BATCH_SIZE; size === BATCH_SIZE && !this.closed;) {
			const batch = await this.documents.find(
				{ $or: [{ outboxAt: { $lt: overdueBefore } }, { outboxAt: { $gt: wrongAfter } }] },
				{ sort: { outboxAt: 1 }, limit: BATCH_SIZE }
			);
			this.oldestAt = batch[0]?.outboxAt ?? null;
			const outcomes = await Promise.allSettled(batch.map(doc => this.drain(doc)));
			const failed = outcomes.find(({ status }) => status === "rejected");
			if (failed?.status === "rejected") throw failed.reason;
			this.oldestAt = null;
			size = batch.length;
		}
	}

	/** Logs a failure instead of throwing: the caller's write stands, and the sweep publishes the facts later. */
	private track(work: Promise<void>): Promise<void> {
		const tracked = work
			.catch((err: unknown) => this.logger.warn({ err }, "Facts wait in their outbox"))
			.finally(() => this.running.delete(tracked));
		this.running.add(tracked);
		return tracked;
	}
}
