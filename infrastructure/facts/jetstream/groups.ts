import { AckPolicy, DeliverPolicy, nanos, NatsError, type ConsumerConfig } from "nats";
import { REQUEST_TIMEOUT_MS } from "./link";
import { isMissing, type FactStream } from "./stream";
import { parseFact } from "../journal";
import type { Consumer, Lag } from "../transport";

const MAX_ACK_PENDING = 100_000;
/** The server's code (from 2.10 on) for a consumer that was made with other settings, by another version of the shop. */
const MADE_OTHERWISE = 10_148;

/** The durable consumers of a stream, one for each group and event; shared by the processes of the group. */
export class ConsumerGroups {
	constructor(
		readonly stream: FactStream,
		private readonly ackWaitMs: number
	) {}

	/** Makes the group's durable consumer of the event where it is missing, and answers its name. */
	async make({ group, event }: Consumer): Promise<string> {
		const generation = await this.stream.generation();
		const name = `${group}--${event.replaceAll(".", "-")}--${generation}`;
		const { manager } = await this.stream.link.nats();
		const config = this.config(name, group, event);
		try {
			await manager.consumers.add(this.stream.name, config);
		} catch (err) {
			if (err instanceof NatsError && err.api_error?.err_code === MADE_OTHERWISE) {
				await manager.consumers.update(this.stream.name, name, config);
				return name;
			}
			if (isMissing(err)) this.stream.forget();
			throw err;
		}
		return name;
	}

	/** What each consumer has yet to do, and when the oldest of it came into the stream. */
	async backlogs(): Promise<(Lag & { readonly storedAt: Date | null })[]> {
		await this.stream.generation();
		const { manager } = await this.stream.link.nats();
		const found = [];
		for await (const { config, num_pending, num_ack_pending, ack_floor } of manager.consumers.list(
			this.stream.name
		)) {
			const { filter_subject = "", description: consumer = "" } = config;
			const pending = num_pending + num_ack_pending;
			const from = { seq: ack_floor.stream_seq + 1, next_by_subj: filter_subject };
			const oldest = pending ? await this.read(from) : null;
			const { event } = this.stream.parse(filter_subject);
			found.push({ consumer, event, pending, oldestAt: null, storedAt: null, ...oldest });
		}
		return found;
	}

	/** The first such fact from there on; null when it was handled meanwhile, or is too old. */
	private async read(from: { readonly seq: number; readonly next_by_subj: string }) {
		const { connection } = await this.stream.link.nats();
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
