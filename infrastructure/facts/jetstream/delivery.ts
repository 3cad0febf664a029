import { nanos, type Msg, type NatsConnection } from "nats";

const CONFIRM_WITHIN_MS = 2_000;

/** A fact as a pull consumer gets it. The client offers this only with its own ways of pulling. */
export class Delivery {
	/** 1 the first time. */
	readonly attempt: number;
	/** The same for every attempt, and for nothing else. */
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

	/** Resolves once the server knows; rejects when it can't be told, and then the fact may come again. */
	async done(): Promise<void> {
		await this.connection.request(this.msg.reply ?? "", "+ACK", { timeout: CONFIRM_WITHIN_MS });
	}

	/** Not for this consumer. */
	pass(): void {
		this.msg.respond("+ACK");
	}

	again(waitMs: number): void {
		this.msg.respond(`-NAK ${JSON.stringify({ delay: nanos(waitMs) })}`);
	}

	/** Still at it: the time that a delivery is held for this process starts anew. */
	working(): void {
		this.msg.respond("+WPI");
	}

	never(): void {
		this.msg.respond("+TERM");
	}
}
