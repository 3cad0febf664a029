import { AckPolicy, DeliverPolicy, nanos, NatsError, type ConsumerConfig } from "nats";
import { parseFact } from "../journal";
import type { Consumer, Lag } from "../transport";
import { REQUEST_TIMEOUT_MS } from "./link";
import { isMissing, type FactStream } from "./stream";

const MAX_ACK_PENDING = 100_000;
/** The server's error code (2.10 and later) for a consumer that exists with another configuration, by another version of the shop. */
const CONSUMER_EXISTS = 10_148;

/** The durable consumers of a stream: one for each group and event, shared by the processes of the group. */
export class ConsumerGroups {
	constructor(
		readonly stream: FactStream,
		private readonly ackWaitMs: number
	) {}

	/** Creates the durable consumer where it is missing, and resolves with its name. */
	async ensureConsumer({ group, event }: Consumer): Promise<string> {
		const generation = await this.stream.generation();
		const name = `${group}--${event.replaceAll(".", "-")}--${generation}`;
		const { manager } = await this.stream.link.connect();
		const config = this.config(name, group, event);
		try {
			await manager.consumers.add(this.stream.name, config);
		} catch (err) {
			if (err instanceof NatsError && err.api_error?.err_code === CONSUMER_EXISTS) {
				await manager.consumers.update(this.stream.name, name, config);
				return name;
			}
			if (isMissing(err)) this.stream.invalidate();
			throw err;
		}
		return name;
	}

	/** The lag of each consumer, and when its oldest pending fact was stored in the stream. */
	async readBacklogs(): Promise<(Lag & { readonly storedAt: Date | null })[]> {
		await this.stream.generation();
		const { manager } = await this.stream.link.connect();
		const found = [];
		for await (const { config, num_pending, num_ack_pending, ack_floor } of manager.consumers.list(
			this.stream.name
		)) {
			const { filter_subject = "", description: consumer = "" } = config;
			const pending = num_pending + num_ack_pending;
			const from = { seq: ack_floor.stream_seq + 1, next_by_subj: filter_subject };
			const oldest = pending ? await this.readNext(from) : null;
			const { event } = this.stream.parseSubject(filter_subject);
			found.push({ consumer, event, pending, oldestAt: null, storedAt: null, ...oldest });
		}
		return found;
	}

	/** The times of the first matching fact from `seq` on; null if it was handled meanwhile or has expired. */
	private async readNext(from: { readonly seq: number; readonly next_by_subj: string }) {
		const { connection } = await this.stream.link.connect();
		const subject = `$JS.API.DIRECT.GET.${this.stream.name}`;
		const stored = await connection.request(subject, JSON.stringify(from), {
			timeout: REQUEST_TIMEOUT_MS
		});
		if (!stored.data.length) return null;
		const storedAt = new Date(stored.headers?.get("Nats-Time-Stamp") ?? 0);
		return { oldestAt: parseFact(stored.string()).at, storedAt };
	}

	private config(name: string, group: string, event: string): Partial<ConsumerConfig> {
		return {
			durable_name: name,
			description: group,
			filter_subject: this.stream.subject("*", event),
			ack_policy: AckPolicy.Explicit,
			deliver_policy: DeliverPolicy.All,
			ack_wait: nanos(this.ackWaitMs),
			max_deliver: -1,
			max_ack_pending: MAX_ACK_PENDING
		};
	}
}
