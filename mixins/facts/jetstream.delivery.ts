import { nanos, type Msg } from "nats";

/** A fact as a pull consumer gets it. The client offers this only with its own ways of pulling. */
export class Delivery {
	/** 1 the first time. */
	readonly attempt: number;
	/** The same for every attempt, and for nothing else. */
	readonly key: string;

	constructor(private readonly msg: Msg) {
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

	done(): void {
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
