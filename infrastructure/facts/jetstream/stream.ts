import { setTimeout as pause } from "node:timers/promises";
import { nanos, NatsError, StorageType, type StreamInfo } from "nats";
import type { NatsLink } from "./link";
import type { FactMessage } from "../journal";
import type { Logger } from "../../log";

export type StreamOptions = {
	/** Whose facts: several shops can share a server. */
	readonly prefix: string;
	readonly replicas: number;
	/** How long a fact is kept, handled or not. */
	readonly maxAgeMs: number;
	/** The oldest facts go when there are more; -1: no limit. */
	readonly maxBytes: number;
	/** How long a fact that is published again is known. */
	readonly duplicateWindowMs: number;
	/** How long a publication waits for a server that is away before it rejects. */
	readonly publishWithinMs: number;
};

// Whether something is missing in the stream is written on the stream itself, and so goes with it when its store is lost.
const WHOLE = "facts";
const UNFILLED = "facts, to be filled from the journal";
/** A confirmation that was lost with the connection is not waited for any longer. */
const CONFIRM_WITHIN_MS = 2_000;
const NO_SUCH_STREAM = 10059;
const NO_RESPONDERS = "503";

/**
 * The stream of facts: made where it is missing, and filled from the journal where it is new or has lost its end, by
 * every process that finds it so; what is there already stays single.
 */
export class FactStream {
	readonly name: string;
	private known: Promise<string> | undefined;
	private filling: Promise<void> | undefined;
	private fitted = false;
	private closed = false;
	/** The newest fact that the server has confirmed to this process. */
	private confirmed = { generation: "", seq: 0 };

	constructor(
		readonly link: NatsLink,
		private readonly options: StreamOptions,
		private readonly journal: () => AsyncIterable<readonly FactMessage[]>,
		private readonly logger: Logger
	) {
		this.name = `${options.prefix}_facts`;
		link.on("away", () => (this.known = undefined));
	}

	/**
	 * Resolves once the stream is there, with a name for it that no other in its place will have. Consumers carry it, so
	 * that acknowledgements of facts of a lost stream can't be taken for those of the new one.
	 */
	generation(): Promise<string> {
		if (this.known) return this.known;
		const known = this.ensure();
		this.known = known;
		known.catch(() => this.forget(known));
		return known;
	}

	/** Somebody found it missing: it is looked for anew. */
	forget(known = this.known): void {
		if (this.known === known) this.known = undefined;
	}

	/** Waits out an outage, up to a deadline. */
	async publish({ id, event, to, text }: FactMessage): Promise<void> {
		const deadline = Date.now() + this.options.publishWithinMs;
		for (let wait = 50; ; wait = Math.min(wait * 2, 1000)) {
			try {
				const generation = await within(deadline - Date.now(), this.generation());
				const { stream } = await this.link.nats();
				const { seq } = await stream.publish(this.subject(to, event), text, {
					msgID: id,
					timeout: Math.max(1, Math.min(CONFIRM_WITHIN_MS, deadline - Date.now()))
				});
				this.confirm(generation, seq);
				return;
			} catch (err) {
				if (this.closed || Date.now() + wait > deadline) throw err;
				if (isMissing(err)) this.forget();
				await pause(wait);
			}
		}
	}

	subject(to: string, event: string): string {
		return `${this.options.prefix}.facts.${to}.${event}`;
	}

	/** For whom and what a subject is. */
	parse(subject: string): { to: string; event: string } {
		const [to = "", ...event] = subject.slice(this.subject("", "").length - 1).split(".");
		return { to, event: event.join(".") };
	}

	/** Whether nothing is missing in it, as far as anybody knows. */
	async isWhole(): Promise<boolean> {
		await this.generation();
		return (await this.find())?.config.description === WHOLE;
	}

	/** Deletes it with all that is in it. */
	async remove(): Promise<void> {
		const { manager } = await this.link.nats();
		if (await this.find()) await manager.streams.delete(this.name);
	}

	/** Publications end with their attempt under way. */
	close(): void {
		this.closed = true;
	}

	/** Waits for what the journal is still read for. */
	async filled(): Promise<void> {
		await this.filling;
	}

	private confirm(generation: string, seq: number): void {
		const newest = this.confirmed;
		if (generation !== newest.generation || seq > newest.seq) this.confirmed = { generation, seq };
	}

	private async ensure(): Promise<string> {
		const { manager } = await this.link.nats();
		await this.link.back();
		const there = await this.find();
		const info = there ?? (await manager.streams.add(this.config(UNFILLED)));
		const generation = Date.parse(info.created).toString(36);
		const { confirmed } = this;
		const cut = confirmed.generation === generation && info.state.last_seq < confirmed.seq;
		if (cut) await manager.streams.update(this.name, this.config(UNFILLED));
		if (cut || info.config.description !== WHOLE)
			this.filling ??= this.fill().finally(() => (this.filling = undefined));
		else if (!this.fitted) await this.fit();
		return generation;
	}

	private async find(): Promise<StreamInfo | null> {
		const { manager } = await this.link.nats();
		try {
			return await manager.streams.info(this.name);
		} catch (err) {
			if (err instanceof NatsError && err.api_error?.err_code === NO_SUCH_STREAM) return null;
			throw err;
		}
	}

	private async fill(): Promise<void> {
		while (!this.closed) {
			try {
				return await this.tellJournal();
			} catch (err) {
				this.logger.warn({ err }, "The stream of facts could not be filled; trying again");
				await pause(1000);
			}
		}
	}

	/** All of it to one and the same stream, which is whole then. */
	private async tellJournal(): Promise<void> {
		let told = 0;
		let sight: string;
		do {
			sight = await this.sight();
			for await (const page of this.journal()) {
				if (this.closed) return;
				await Promise.all(page.map(telling => this.publish(telling)));
				told += page.length;
			}
		} while (sight !== (await this.sight()));
		const { manager } = await this.link.nats();
		await manager.streams.update(this.name, this.config(WHOLE));
		this.fitted = true;
		this.logger.info({ told }, "The stream of facts is new, or lost its end: told the latest again");
	}

	/** The same as before only if the stream can have lost nothing in between. */
	private async sight(): Promise<string> {
		const generation = await this.generation();
		return `${generation} ${this.link.losses}`;
	}

	/** Gives it the limits of the settings of today. */
	private async fit(): Promise<void> {
		this.fitted = true;
		const { manager } = await this.link.nats();
		await manager.streams
			.update(this.name, this.config(WHOLE))
			.catch((err: unknown) => this.logger.error({ err }, "The stream of facts keeps its old limits"));
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

export const isMissing = (err: unknown) =>
	err instanceof NatsError && (err.code === NO_RESPONDERS || err.api_error?.err_code === NO_SUCH_STREAM);

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
	const timer = new AbortController();
	const late = pause(Math.max(ms, 0), undefined, { signal: timer.signal }).then(() => {
		throw new Error("NATS is away");
	});
	late.catch(() => undefined);
	try {
		return await Promise.race([work, late]);
	} finally {
		timer.abort();
	}
}
