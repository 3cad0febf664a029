import { connect, headers, type JetStreamManager, type NatsConnection } from "nats";

const AT_ONCE = 100;
/** On what is told again: once more is enough. */
const AGAIN = "Told-Again";

/** What a running shop keeps in its stream of facts, for those who tell it again, as nobody but an operator can. */
export class FactsAgain {
	private constructor(
		private readonly connection: NatsConnection,
		private readonly manager: JetStreamManager,
		private readonly stream: string
	) {}

	static async of(natsUrl: string, namespace: string): Promise<FactsAgain> {
		const connection = await connect({ servers: natsUrl });
		return new FactsAgain(connection, await connection.jetstreamManager(), `${namespace}_facts`);
	}

	/**
	 * Tells all facts since the first anew, or some of them, in an order that `random` makes, as if the stream had long
	 * forgotten their ids; answers how many.
	 */
	async tell(random: () => number, atMost = Infinity): Promise<number> {
		const kept = await this.kept();
		for (let n = kept.length - 1; n > 0; n--) {
			const other = Math.floor(random() * (n + 1));
			[kept[n], kept[other]] = [kept[other] as Kept, kept[n] as Kept];
		}
		const told = kept.slice(0, atMost);
		const again = headers();
		again.set(AGAIN, "1");
		const stream = this.connection.jetstream();
		for (let n = 0; n < told.length; n += AT_ONCE)
			await Promise.all(
				told
					.slice(n, n + AT_ONCE)
					.map(({ subject, data }) => stream.publish(subject, data, { headers: again }))
			);
		return told.length;
	}

	/** The durable consumers, each with how many facts it has yet to handle. */
	async consumers(): Promise<ReadonlyMap<string, number>> {
		const found = new Map<string, number>();
		for await (const { name, num_pending, num_ack_pending } of this.manager.consumers.list(this.stream))
			found.set(name, num_pending + num_ack_pending);
		return found;
	}

	/** Deletes a durable consumer, as if it had never been: its group, when it comes back, hears all since the first. */
	async forget(consumer: string): Promise<void> {
		await this.manager.consumers.delete(this.stream, consumer).catch((err: unknown) => {
			// The consumer is gone; what its server was writing about it in that moment was in the way of the folder.
			if (!String(err).includes("directory not empty")) throw err;
		});
	}

	close(): Promise<void> {
		return this.connection.close();
	}

	private async kept(): Promise<Kept[]> {
		const { state } = await this.manager.streams.info(this.stream);
		const kept: Kept[] = [];
		for (let seq = state.first_seq; seq <= state.last_seq; seq += AT_ONCE) {
			const seqs = Array.from(
				{ length: Math.min(AT_ONCE, state.last_seq - seq + 1) },
				(_, n) => seq + n
			);
			const some = await Promise.all(
				seqs.map(one => this.manager.streams.getMessage(this.stream, { seq: one }))
			);
			kept.push(...some.filter(({ header }) => !header.has(AGAIN)));
		}
		return kept;
	}
}

type Kept = { readonly subject: string; readonly data: Uint8Array };
