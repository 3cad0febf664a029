import { nanos, type Msg, type NatsConnection } from "nats";

const ACK_TIMEOUT_MS = 2_000;

/** A delivery of JetStream and its acknowledgements. The nats client has these only for pulls of its own kinds. */
export class Delivery {
	/** Counts from 1. */
	readonly attempt: number;
	/** Identifies the message and its consumer; the same for every attempt. */
	readonly key: string;

	constructor(
		private readonly msg: Msg,
		private readonly connection: NatsConnection
	) {
		// $JS.ACK.(domain.account.)stream.consumer.attempts.seq.…
		const tokens = msg.reply?.split(".") ?? [];
		const [consumer = "", attempts = "", seq = ""] = tokens.slice(tokens.length > 9 ? 5 : 3);
		this.attempt = Number(attempts);
		this.key = `${consumer}:${seq}`;
	}

	get subject(): string {
		return this.msg.subject;
	}

	get text(): string {
		return this.msg.string();
	}

	/** Acknowledges a handled fact. Resolves when the server has confirmed that; rejects otherwise, and the fact may come again. */
	async ack(): Promise<void> {
		await this.connection.request(this.msg.reply ?? "", "+ACK", { timeout: ACK_TIMEOUT_MS });
	}

	/** Acknowledges a message that is addressed to another group. */
	skip(): void {
		this.msg.respond("+ACK");
	}

	/** Has the message delivered again, after `waitMs` at the earliest. */
	retryLater(waitMs: number): void {
		this.msg.respond(`-NAK ${JSON.stringify({ delay: nanos(waitMs) })}`);
	}

	/** Restarts the time for which the server waits for an acknowledgement. */
	extend(): void {
		this.msg.respond("+WPI");
	}

	/** Ends the delivery for good, without success. */
	terminate(): void {
		this.msg.respond("+TERM");
	}
}
