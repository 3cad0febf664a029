import { setTimeout as pause } from "node:timers/promises";
import { nanos, NatsError, StorageType, type StreamInfo } from "nats";
import type { Logger } from "../../log";
import type { FactMessage } from "../journal";
import type { NatsLink } from "./link";
import { logError } from "../../log-codes";

export type StreamOptions = {
	/** The shop's namespace: several shops can share a server. */
	readonly prefix: string;
	readonly replicas: number;
	/** Facts older than this are deleted, handled or not. */
	readonly maxAgeMs: number;
	/** The oldest facts are deleted when the stream grows larger; -1: no limit. */
	readonly maxBytes: number;
	/** A fact that is published again within this time is dropped. */
	readonly duplicateWindowMs: number;
	/** A publication rejects after so long without a server. */
	readonly publishWithinMs: number;
};

// The stream's description says whether it has been refilled. It is lost together with the stream's data, so that a stream
// that lost its data never counts as complete.
const COMPLETE = "facts";
const INCOMPLETE = "facts, to be filled from the journal";
/** A confirmation that is not there by then was lost with the connection, and the fact is published again. */
const CONFIRM_TIMEOUT_MS = 2_000;
const NO_SUCH_STREAM = 10059;
const NO_RESPONDERS = "503";

/**
 * The stream of facts on the server. A process that finds it missing creates it as incomplete, and one that misses facts which
 * the server had confirmed marks it so. A process that keeps the facts (`isKept`) refills an incomplete stream from the
 * journal. Several may do so at once: the stream drops duplicates.
 */
export class FactStream {
	readonly name: string;
	private known: Promise<string> | undefined;
	private refilling: Promise<void> | undefined;
	private checking: Promise<unknown> | undefined;
	private limitsApplied = false;
	/** Whether this process publishes the facts of all services again where the stream has lost them. */
	isKept = false;
	private closed = false;
	/** The newest fact that the server has confirmed to this process. */
	private confirmed = { generation: "", seq: 0 };

	constructor(
		readonly link: NatsLink,
		private readonly options: StreamOptions,
		private readonly readJournal: () => AsyncIterable<readonly FactMessage[]>,
		private readonly logger: Logger
	) {
		this.name = `${options.prefix}_facts`;
		link.on("disconnected", () => (this.known = undefined));
	}

	/**
	 * Resolves once the stream exists, with a generation that no other stream in its place has: its time of creation.
	 * Consumers have the generation in their names, so that acknowledgements for a lost stream don't count for the new one.
	 */
	generation(): Promise<string> {
		if (this.known) return this.known;
		const known = this.ensureStream();
		this.known = known;
		known.catch(() => this.invalidate(known));
		return known;
	}

	/** Call it when the stream was found missing: the next `generation` looks for it again. */
	invalidate(known = this.known): void {
		if (this.known === known) this.known = undefined;
	}

	/** Retries through an outage until `publishWithinMs` is over, and rejects then. */
	async publish({ id, event, to, text }: FactMessage): Promise<void> {
		const deadline = Date.now() + this.options.publishWithinMs;
		for (let wait = 50; ; wait = Math.min(wait * 2, 1000)) {
			try {
				const generation = await withTimeout(deadline - Date.now(), this.generation());
				const { stream } = await this.link.connect();
				const { seq } = await stream.publish(this.subject(to, event), text, {
					msgID: id,
					timeout: Math.max(1, Math.min(CONFIRM_TIMEOUT_MS, deadline - Date.now()))
				});
				this.noteConfirmed(generation, seq);
				return;
			} catch (err) {
				if (this.closed || Date.now() + wait > deadline) throw err;
				if (isMissing(err)) this.invalidate();
				await pause(wait);
			}
		}
	}

	subject(to: string, event: string): string {
		return `${this.options.prefix}.facts.${to}.${event}`;
	}

	parseSubject(subject: string): { to: string; event: string } {
		const [to = "", ...event] = subject.slice(this.subject("", "").length - 1).split(".");
		return { to, event: event.join(".") };
	}

	/** Whether the stream has all facts that its consumers have yet to handle, as far as any process knows. */
	async isComplete(): Promise<boolean> {
		await this.generation();
		return (await this.find())?.config.description === COMPLETE;
	}

	/** The generation of the stream, and the numbers of its first and last message. */
	async readBounds(): Promise<{ generation: string; firstSeq: number; lastSeq: number }> {
		await this.generation();
		const info = await this.find();
		if (!info) {
			this.invalidate();
			return this.readBounds();
		}
		const { first_seq: firstSeq, last_seq: lastSeq } = info.state;
		return { generation: toGeneration(info), firstSeq, lastSeq };
	}

	/** Deletes the stream with all its facts. */
	async delete(): Promise<void> {
		const { manager } = await this.link.connect();
		if (await this.find()) await manager.streams.delete(this.name);
	}

	/** From now on a publication that fails is not retried. */
	close(): void {
		this.closed = true;
	}

	/** Resolves when no refill reads the journal any more. */
	async waitForRefill(): Promise<void> {
		await this.refilling;
	}

	private noteConfirmed(generation: string, seq: number): void {
		const newest = this.confirmed;
		if (generation !== newest.generation || seq > newest.seq) this.confirmed = { generation, seq };
	}

	private async ensureStream(): Promise<string> {
		const { manager } = await this.link.connect();
		await this.link.waitUntilConnected();
		const existing = await this.find();
		const info = existing ?? (await manager.streams.add(this.config(INCOMPLETE)));
		const generation = toGeneration(info);
		const { confirmed } = this;
		const truncated = confirmed.generation === generation && info.state.last_seq < confirmed.seq;
		if (truncated) await manager.streams.update(this.name, this.config(INCOMPLETE));
		if (truncated || info.config.description !== COMPLETE) this.startRefill();
		else if (!this.limitsApplied) await this.applyLimits();
		return generation;
	}

	/** Notices, too, what another process has marked. An outage leaves it to the next call. */
	async refillIfIncomplete(): Promise<void> {
		this.checking ??= this.isComplete()
			.then(
				isComplete => isComplete || this.startRefill(),
				() => undefined
			)
			.finally(() => (this.checking = undefined));
		await this.checking;
	}

	private startRefill(): void {
		if (this.isKept) this.refilling ??= this.refill().finally(() => (this.refilling = undefined));
	}

	private async find(): Promise<StreamInfo | null> {
		const { manager } = await this.link.connect();
		try {
			return await manager.streams.info(this.name);
		} catch (err) {
			if (err instanceof NatsError && err.api_error?.err_code === NO_SUCH_STREAM) return null;
			throw err;
		}
	}

	private async refill(): Promise<void> {
		while (!this.closed) {
			try {
				return await this.republishJournal();
			} catch (err) {
				this.logger.warn({ err }, "The stream of facts could not be filled; trying again");
				await pause(1000);
			}
		}
	}

	/** Publishes the whole journal, again if the stream may have lost facts meanwhile, and marks the stream complete. */
	private async republishJournal(): Promise<void> {
		let published = 0;
		let before: string;
		do {
			before = await this.continuityToken();
			for await (const page of this.readJournal()) {
				if (this.closed) return;
				await Promise.all(page.map(message => this.publish(message)));
				published += page.length;
			}
		} while (before !== (await this.continuityToken()));
		const { manager } = await this.link.connect();
		await manager.streams.update(this.name, this.config(COMPLETE));
		this.limitsApplied = true;
		this.logger.info(
			{ published },
			"The stream of facts was new or had lost facts: published the journal again"
		);
	}

	/** Two equal tokens prove that the stream lost nothing between them. */
	private async continuityToken(): Promise<string> {
		const generation = await this.generation();
		return `${generation} ${this.link.disconnects}`;
	}

	/** Gives an existing stream the limits of the current settings. */
	private async applyLimits(): Promise<void> {
		this.limitsApplied = true;
		const { manager } = await this.link.connect();
		await manager.streams
			.update(this.name, this.config(COMPLETE))
			.catch((err: unknown) => logError(this.logger, "STREAM_LIMITS_NOT_SET", { err }));
	}

	private config(description: string) {
		const { replicas, maxAgeMs, maxBytes, duplicateWindowMs } = this.options;
		return {
			name: this.name,
			description,
			subjects: [this.subject("*", ">")],
			storage: StorageType.File,
			num_replicas: replicas,
			max_age: nanos(maxAgeMs),
			max_bytes: maxBytes,
			duplicate_window: nanos(Math.min(duplicateWindowMs, maxAgeMs)),
			allow_direct: true
		};
	}
}

const toGeneration = ({ created }: StreamInfo) => Date.parse(created).toString(36);

/** Whether the error says that the stream does not exist. */
export const isMissing = (err: unknown) =>
	err instanceof NatsError && (err.code === NO_RESPONDERS || err.api_error?.err_code === NO_SUCH_STREAM);

async function withTimeout<T>(ms: number, work: Promise<T>): Promise<T> {
	const timer = new AbortController();
	const timeout = pause(Math.max(ms, 0), undefined, { signal: timer.signal }).then(() => {
		throw new Error("NATS is away");
	});
	timeout.catch(() => undefined);
	try {
		return await Promise.race([work, timeout]);
	} finally {
		timer.abort();
	}
}
