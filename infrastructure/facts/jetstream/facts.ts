import type { ConnectionOptions } from "nats";
import type { Collection, Doc } from "../../documents/collection";
import { BACKOFF_MS } from "../retry-policy";
import { PullConsumer, type ConsumerOptions } from "./consumer";
import { ConsumerGroups } from "./groups";
import { NatsLink } from "./link";
import { FactStream, type StreamOptions } from "./stream";
import { Journal, toMessage, type FactMessage } from "../journal";
import { DeadLetters } from "../dead-letters";
import type { Consumer, FactsTransport, Lag, StoredFact } from "../transport";

export type JetstreamOptions = Partial<StreamOptions & ConsumerOptions> &
	Pick<StreamOptions, "prefix"> &
	Pick<ConsumerOptions, "logger"> & {
		readonly connection: ConnectionOptions;
		/** The document store's collections: the journal of what was told lately, and the dead letters. */
		readonly collection: <T extends Doc>(name: string) => Collection<T>;
		/** How long a fact that everybody has handled stays in the journal at least. */
		readonly keepJournalMs?: number;
		readonly sweepEveryMs?: number;
	};

const DEFAULTS = {
	replicas: 1,
	maxAgeMs: 7 * 24 * 3_600_000,
	maxBytes: -1,
	duplicateWindowMs: 2 * 60_000,
	ackWaitMs: 10_000,
	publishWithinMs: 10_000,
	backoffMs: BACKOFF_MS,
	keepJournalMs: 5 * 60_000,
	sweepEveryMs: 60_000
};

/** Between the noting and the telling of a fact, and between the clocks of two machines. */
const MARGIN_MS = 60_000;

/** Facts over a stream of NATS JetStream, for any number of processes. The documents are the truth, the stream is not. */
export const jetstreamFacts = (options: JetstreamOptions): JetstreamFacts =>
	new JetstreamFacts({ ...DEFAULTS, ...options });

export class JetstreamFacts implements FactsTransport {
	private readonly link: NatsLink;
	private readonly stream: FactStream;
	private readonly groups: ConsumerGroups;
	private readonly journal: Journal;
	private readonly letters: DeadLetters;
	private readonly consumers = new Map<PullConsumer, Promise<void> | null>();
	private collections: Promise<void> | undefined;
	private sweeping: Promise<void> | undefined;
	private timer: NodeJS.Timeout | undefined;

	constructor(private readonly options: JetstreamOptions & typeof DEFAULTS) {
		const { connection, collection, logger } = options;
		this.journal = new Journal(collection("facts_told"));
		this.letters = new DeadLetters(collection("facts_dead"));
		this.link = new NatsLink(connection, logger);
		this.stream = new FactStream(this.link, options, () => this.journal.readAll(), logger);
		this.groups = new ConsumerGroups(this.stream, options.ackWaitMs);
	}

	/** False while the server that was connected is away. */
	get isConnected(): boolean {
		return this.link.up || !this.link.wanted;
	}

	/** Deletes the stream, for who deletes the whole shop. */
	async deleteStream(): Promise<void> {
		await this.stream.remove();
	}

	async publish(facts: readonly StoredFact[]): Promise<void> {
		const tellings = facts.map(toMessage);
		await this.documents();
		await Promise.all(tellings.map(telling => this.tell(telling)));
	}

	async consume(consumer: Consumer): Promise<() => Promise<void>> {
		await this.documents();
		const pulling = new PullConsumer(this.groups, this.letters, consumer, this.options);
		this.consumers.set(pulling, null);
		await pulling.start();
		return () => this.stop(pulling);
	}

	async deadLetters(page: { readonly skip: number; readonly limit: number }) {
		await this.documents();
		return this.letters.list(page);
	}

	async replay(id: string): Promise<boolean> {
		await this.documents();
		const telling = await this.letters.claim(id);
		if (!telling) return false;
		await this.tellAgain(telling).catch((err: unknown) =>
			this.options.logger.warn({ id, err }, "A dead letter is replayed as soon as NATS can be had")
		);
		return true;
	}

	async discard(id: string): Promise<boolean> {
		await this.documents();
		return this.letters.discard(id);
	}

	async lag(): Promise<Lag[]> {
		return (await this.groups.backlogs()).map(({ storedAt: _, ...lag }) => lag);
	}

	async close(): Promise<void> {
		clearInterval(this.timer);
		await Promise.all([...this.consumers.keys()].map(consumer => this.stop(consumer)));
		this.stream.close();
		await this.link.close(); // ends every request under way
		await Promise.all([this.stream.filled(), this.sweeping]);
	}

	/** Also for those that somebody else is stopping just now. */
	private async stop(consumer: PullConsumer): Promise<void> {
		if (!this.consumers.has(consumer)) return;
		const stopping = this.consumers.get(consumer) ?? consumer.stop();
		this.consumers.set(consumer, stopping);
		await stopping;
		this.consumers.delete(consumer);
	}

	private documents(): Promise<void> {
		if (this.collections) return this.collections;
		const opening = Promise.all([this.journal.open(), this.letters.open()]).then(() => undefined);
		this.collections = opening;
		opening.catch(() => (this.collections = undefined));
		this.timer ??= setInterval(
			() => void (this.sweeping ??= this.sweep().finally(() => (this.sweeping = undefined))),
			this.options.sweepEveryMs
		).unref();
		return opening;
	}

	private async tell(telling: FactMessage): Promise<void> {
		await this.journal.record(telling);
		await this.stream.publish(telling);
	}

	private async tellAgain(telling: FactMessage): Promise<void> {
		await this.tell(telling);
		await this.letters.deleteClaimed(telling);
	}

	/** Replays what a crash left claimed, and forgets what everybody has handled. */
	private async sweep(): Promise<void> {
		try {
			if (!this.link.up) return;
			for (const telling of await this.letters.listClaimed()) await this.tellAgain(telling);
			const now = Date.now();
			const backlogs = await this.groups.backlogs();
			if (!(await this.stream.isWhole())) return;
			const pending = backlogs.flatMap(({ storedAt }) => (storedAt ? [storedAt.getTime()] : []));
			const handled = Math.min(now - this.options.keepJournalMs, ...pending.map(at => at - MARGIN_MS));
			await this.journal.deleteBefore(new Date(Math.max(handled, now - this.options.maxAgeMs)));
		} catch (err) {
			this.options.logger.warn({ err }, "The journal of facts could not be swept; trying again");
		}
	}
}
