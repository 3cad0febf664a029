import type { ConnectionOptions } from "nats";
import type { Collection, Doc } from "../../documents/collection";
import { DeadLetters } from "../dead-letters";
import { Journal, toMessage, type FactMessage } from "../journal";
import { BACKOFF_MS } from "../retry-policy";
import type { Consumer, FactsTransport, Lag, StoredFact } from "../transport";
import { PullConsumer, type ConsumerOptions } from "./consumer";
import { ConsumerGroups } from "./groups";
import { NatsLink } from "./link";
import { StreamLog } from "./log";
import { FactStream, type StreamOptions } from "./stream";

export type JetstreamOptions = Partial<StreamOptions & ConsumerOptions> &
	Pick<StreamOptions, "prefix"> &
	Pick<ConsumerOptions, "logger"> & {
		readonly connection: ConnectionOptions;
		/** Opens a collection of the document store, for the journal and the dead letters. */
		readonly collection: <T extends Doc>(name: string) => Collection<T>;
		/** The least time for which the journal keeps a fact that every group has handled. */
		readonly keepJournalMs?: number;
		readonly sweepEveryMs?: number;
		/** Whether this process republishes the facts of all services from the start on, without a call of `keepFacts`. */
		readonly keepsFacts?: boolean;
	};

const DEFAULTS = {
	replicas: 1,
	maxAgeMs: 7 * 24 * 3_600_000,
	maxBytes: -1,
	/** Longer than the journal keeps what is handled, so that republishing the journal doubles nothing that is still there. */
	duplicateWindowMs: 10 * 60_000,
	ackWaitMs: 10_000,
	publishWithinMs: 10_000,
	backoffMs: BACKOFF_MS,
	keepJournalMs: 5 * 60_000,
	sweepEveryMs: 60_000,
	keepsFacts: true
};

/** Covers the time between the record in the journal and the publication, and the difference of two machines' clocks. */
const JOURNAL_MARGIN_MS = 60_000;
/** How often a process that keeps the facts looks whether another one has found some missing. */
const CHECK_STREAM_EVERY_MS = 2_000;

/** Facts over a JetStream stream, for any number of processes. The stream is no source of truth: the documents are. */
export const createJetstreamFacts = (options: JetstreamOptions): JetstreamFacts =>
	new JetstreamFacts({ ...DEFAULTS, ...options });

export class JetstreamFacts implements FactsTransport {
	private readonly link: NatsLink;
	private readonly stream: FactStream;
	private readonly groups: ConsumerGroups;
	private readonly log: StreamLog;
	private readonly journal: Journal;
	private readonly letters: DeadLetters;
	/** Each consumer, and the promise of its stop once it is stopping. */
	private readonly consumers = new Map<PullConsumer, Promise<void> | null>();
	private opening: Promise<void> | undefined;
	private sweeping: Promise<void> | undefined;
	private sweepTimer: NodeJS.Timeout | undefined;
	private keepTimer: NodeJS.Timeout | undefined;

	constructor(private readonly options: JetstreamOptions & typeof DEFAULTS) {
		const { connection, collection, logger } = options;
		this.journal = new Journal(collection("fact_journal"));
		this.letters = new DeadLetters(collection("facts_dead"));
		this.link = new NatsLink(connection, logger);
		this.stream = new FactStream(this.link, options, () => this.journal.readAll(), logger);
		this.log = new StreamLog(this.stream);
		this.groups = new ConsumerGroups(this.stream, options.ackWaitMs);
		if (options.keepsFacts) this.keepFacts();
	}

	keepFacts(): void {
		this.stream.isKept = true;
		this.keepTimer ??= setInterval(
			() => void this.stream.refillIfIncomplete(),
			CHECK_STREAM_EVERY_MS
		).unref();
	}

	/** False while the server is away after it was connected. */
	get isConnected(): boolean {
		return this.link.isConnected || !this.link.isUsed;
	}

	/** Deletes the stream, as part of deleting the whole shop. */
	async deleteStream(): Promise<void> {
		await this.stream.delete();
	}

	async publish(facts: readonly StoredFact[]): Promise<void> {
		const messages = facts.map(toMessage);
		await this.openCollections();
		await Promise.all(messages.map(message => this.publishMessage(message)));
	}

	async consume(consumer: Consumer): Promise<() => Promise<void>> {
		await this.openCollections();
		const pulling = new PullConsumer(this.groups, this.letters, consumer, this.options);
		this.consumers.set(pulling, null);
		await pulling.start();
		return () => this.stop(pulling);
	}

	async deadLetters(page: { readonly skip: number; readonly limit: number }) {
		await this.openCollections();
		return this.letters.list(page);
	}

	async replay(id: string): Promise<boolean> {
		await this.openCollections();
		const message = await this.letters.claim(id);
		if (!message) return false;
		await this.publishReplay(message).catch((err: unknown) =>
			this.options.logger.warn({ id, err }, "A dead letter is replayed as soon as NATS can be had")
		);
		return true;
	}

	async discard(id: string): Promise<boolean> {
		await this.openCollections();
		return this.letters.discard(id);
	}

	readLog(after: string | null, limit: number) {
		return this.log.read(after, limit);
	}

	findInLog(factId: string) {
		return this.log.find(factId);
	}

	async lag(): Promise<Lag[]> {
		return (await this.groups.readBacklogs()).map(({ storedAt: _, ...lag }) => lag);
	}

	async close(): Promise<void> {
		clearInterval(this.sweepTimer);
		clearInterval(this.keepTimer);
		await Promise.all([...this.consumers.keys()].map(consumer => this.stop(consumer)));
		this.stream.close();
		await this.link.close(); // ends every request in flight
		await Promise.all([this.stream.waitForRefill(), this.sweeping]);
	}

	/** A second call awaits the stop that is under way. */
	private async stop(consumer: PullConsumer): Promise<void> {
		if (!this.consumers.has(consumer)) return;
		const stopping = this.consumers.get(consumer) ?? consumer.stop();
		this.consumers.set(consumer, stopping);
		await stopping;
		this.consumers.delete(consumer);
	}

	private openCollections(): Promise<void> {
		if (this.opening) return this.opening;
		const opening = Promise.all([this.journal.open(), this.letters.open()]).then(() => undefined);
		this.opening = opening;
		opening.catch(() => (this.opening = undefined));
		this.sweepTimer ??= setInterval(
			() => void (this.sweeping ??= this.sweep().finally(() => (this.sweeping = undefined))),
			this.options.sweepEveryMs
		).unref();
		return opening;
	}

	private async publishMessage(message: FactMessage): Promise<void> {
		await this.journal.record(message);
		await this.stream.publish(message);
	}

	private async publishReplay(message: FactMessage): Promise<void> {
		await this.publishMessage(message);
		await this.letters.deleteClaimed(message);
	}

	/** Replays dead letters that a crash left claimed, and deletes facts from the journal that every group has handled. */
	private async sweep(): Promise<void> {
		try {
			if (!this.link.isConnected) return;
			if (this.stream.isKept)
				for (const message of await this.letters.listClaimed()) await this.publishReplay(message);
			const now = Date.now();
			const backlogs = await this.groups.readBacklogs();
			if (!(await this.stream.isComplete())) return;
			const pendingSince = backlogs.flatMap(({ storedAt }) => (storedAt ? [storedAt.getTime()] : []));
			const handledBefore = Math.min(
				now - this.options.keepJournalMs,
				...pendingSince.map(at => at - JOURNAL_MARGIN_MS)
			);
			await this.journal.deleteBefore(new Date(Math.max(handledBefore, now - this.options.maxAgeMs)));
		} catch (err) {
			this.options.logger.warn({ err }, "The journal of facts could not be swept; trying again");
		}
	}
}
