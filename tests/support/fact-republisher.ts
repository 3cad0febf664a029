import { connect, headers, type JetStreamManager, type NatsConnection } from "nats";

const AT_ONCE = 100;
/** The header of republished messages, by which they are not republished once more. */
const REPUBLISHED = "Told-Again";

/** Reads and republishes the stream of a running shop, as only an operator of NATS could. */
export class FactRepublisher {
	private constructor(
		private readonly connection: NatsConnection,
		private readonly manager: JetStreamManager,
		private readonly stream: string
	) {}

	static async connect(natsUrl: string, namespace: string): Promise<FactRepublisher> {
		const connection = await connect({ servers: natsUrl });
		return new FactRepublisher(connection, await connection.jetstreamManager(), `${namespace}_facts`);
	}

	/**
	 * Publishes the facts of the stream once more, all or `atMost` of them, in a random order and without their ids, so that
	 * the stream doesn't drop them as duplicates. Resolves with their number.
	 */
	async republishAll(random: () => number, atMost = Infinity): Promise<number> {
		const readStream = await this.stored();
		for (let n = readStream.length - 1; n > 0; n--) {
			const other = Math.floor(random() * (n + 1));
			[readStream[n], readStream[other]] = [
				readStream[other] as StoredMessage,
				readStream[n] as StoredMessage
			];
		}
		const republished = readStream.slice(0, atMost);
		const republishedHeader = headers();
		republishedHeader.set(REPUBLISHED, "1");
		const stream = this.connection.jetstream();
		for (let n = 0; n < republished.length; n += AT_ONCE)
			await Promise.all(
				republished
					.slice(n, n + AT_ONCE)
					.map(({ subject, data }) => stream.publish(subject, data, { headers: republishedHeader }))
			);
		return republished.length;
	}

	/** The backlog of each durable consumer. */
	async consumers(): Promise<ReadonlyMap<string, number>> {
		const found = new Map<string, number>();
		for await (const { name, num_pending, num_ack_pending } of this.manager.consumers.list(this.stream))
			found.set(name, num_pending + num_ack_pending);
		return found;
	}

	/** Deletes a durable consumer: its group makes a new one and gets all facts of the stream again. */
	async deleteConsumer(consumer: string): Promise<void> {
		await this.manager.consumers.delete(this.stream, consumer).catch((err: unknown) => {
			// The consumer is deleted; the server was writing to its folder at that moment.
			if (!String(err).includes("directory not empty")) throw err;
		});
	}

	close(): Promise<void> {
		return this.connection.close();
	}

	private async stored(): Promise<StoredMessage[]> {
		const { state } = await this.manager.streams.info(this.stream);
		const stored: StoredMessage[] = [];
		for (let seq = state.first_seq; seq <= state.last_seq; seq += AT_ONCE) {
			const seqs = Array.from(
				{ length: Math.min(AT_ONCE, state.last_seq - seq + 1) },
				(_, n) => seq + n
			);
			const some = await Promise.all(
				seqs.map(one => this.manager.streams.getMessage(this.stream, { seq: one }))
			);
			stored.push(...some.filter(({ header }) => !header.has(REPUBLISHED)));
		}
		return stored;
	}
}

type StoredMessage = { readonly subject: string; readonly data: Uint8Array };
