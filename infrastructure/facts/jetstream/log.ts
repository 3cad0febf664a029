import { NatsError, type MsgHdrs } from "nats";
import { MAX_CLOCK_SKEW_MS } from "../../../schemas/values/clock-skew";
import { ALL_GROUPS, parseFact } from "../journal";
import { isKeptInLog, readFactTime } from "../log-retention";
import type { LoggedFact, LogPage } from "../transport";
import { REQUEST_TIMEOUT_MS } from "./link";
import { isMissing, type FactStream } from "./stream";

/** A position in the log: the last message that was read. `<generation>:<seq>:<message id>` */
type Position = { readonly generation: string; readonly seq: number; readonly id: string };
type Message = {
	readonly seq: number;
	readonly id: string;
	readonly subject: string;
	readonly storedAt: number;
	readonly text: string;
};
type Bounds = Awaited<ReturnType<FactStream["readBounds"]>>;

const format = ({ generation, seq, id }: Position) => `${generation}:${seq}:${id}`;
function parse(position: string): Position {
	const [generation = "", seq = "", id = ""] = position.split(":");
	return { generation, seq: Number(seq), id };
}

/** How far a reader goes back in a stream whose server lost its newest messages. */
const REWIND = 5_000;
/** Messages that are requested at a time. */
const BATCH = 200;
/** Messages among which a fact is looked for, from the time on at which it happened. */
const MAX_SEARCHED = 20_000;
const NOT_FOUND = 404;
const NO_MESSAGE = 10_037;

/**
 * The stream as a log. Messages are read by their numbers, in which they were stored. Where the stream was made anew, or its
 * server lost messages that it had confirmed, the page says `gap`, and what the journal republishes comes again.
 */
export class StreamLog {
	constructor(private readonly stream: FactStream) {}

	async read(after: string | null, limit: number): Promise<LogPage> {
		const bounds = await this.stream.readBounds();
		if (after === null) {
			const last = await this.findMessage(bounds.lastSeq);
			const position = format({ ...bounds, seq: bounds.lastSeq, id: last?.id ?? "" });
			const { lastSeq: seq } = bounds;
			return { facts: [], position, seq, lastId: last?.id ?? null, gap: false, behind: 0 };
		}
		const known = parse(after);
		const { seq: from, gap } = await this.findStart(known, bounds);
		const to = Math.min(from + Math.min(limit, BATCH), bounds.lastSeq);
		const messages = await this.readRange(from, to);
		const here = to === known.seq && !gap ? known : { seq: to, id: "" };
		return {
			facts: messages.flatMap(message => this.toFact(message, bounds)),
			seq: to,
			lastId: messages.at(-1)?.id ?? null,
			position: format({ ...(messages.at(-1) ?? here), generation: bounds.generation }),
			gap,
			behind: bounds.lastSeq - to
		};
	}

	/** Looks for the fact among the messages that were stored since it happened. */
	async find(factId: string): Promise<string | null> {
		const happenedAt = readFactTime(factId);
		if (happenedAt === null || !isKeptInLog(factId, Date.now())) return null;
		const bounds = await this.stream.readBounds();
		const first = await this.findFirstSince(happenedAt - MAX_CLOCK_SKEW_MS, bounds);
		const end = Math.min(bounds.lastSeq, first + MAX_SEARCHED);
		for (let from = first - 1; from < end; from += BATCH) {
			const messages = await this.readRange(from, Math.min(from + BATCH, end));
			const found = messages.find(({ id }) => id === factId);
			if (found) return format({ ...bounds, ...found });
		}
		return null;
	}

	/** After which message the reader goes on; `gap` where this is not the stream that it knew. */
	private async findStart(
		known: Position,
		{ generation, firstSeq, lastSeq }: Bounds
	): Promise<{ seq: number; gap: boolean }> {
		const beginning = Math.max(0, firstSeq - 1);
		if (known.generation !== generation) return { seq: beginning, gap: true };
		if (known.seq < beginning) return { seq: beginning, gap: true };
		const rewound = { seq: Math.max(beginning, Math.min(known.seq, lastSeq) - REWIND), gap: true };
		if (lastSeq < known.seq) return rewound;
		if (known.seq < firstSeq || known.id === "") return { seq: known.seq, gap: false };
		const same = (await this.findMessage(known.seq))?.id === known.id;
		return same ? { seq: known.seq, gap: false } : rewound;
	}

	/** The number of the first message that was stored at that time or later, by bisection. */
	private async findFirstSince(time: number, { firstSeq, lastSeq }: Bounds): Promise<number> {
		let [low, high] = [Math.max(1, firstSeq), lastSeq + 1];
		while (low < high) {
			const middle = Math.floor((low + high) / 2);
			const message = await this.findMessage(middle);
			if (message && message.storedAt >= time) high = middle;
			else low = middle + 1;
		}
		return low;
	}

	private async readRange(from: number, to: number): Promise<Message[]> {
		const numbers = Array.from({ length: Math.max(0, to - from) }, (_, n) => from + 1 + n);
		const found = await Promise.all(numbers.map(seq => this.findMessage(seq)));
		return found.filter(message => message !== null);
	}

	/** Any replica may answer. One that lags behind lacks the message, so its leader is asked before it counts as missing. */
	private async findMessage(seq: number): Promise<Message | null> {
		if (seq === 0) return null;
		const { connection } = await this.stream.link.connect();
		const reply = await connection.request(
			`$JS.API.DIRECT.GET.${this.stream.name}`,
			JSON.stringify({ seq }),
			{ timeout: REQUEST_TIMEOUT_MS }
		);
		if (reply.headers?.code !== NOT_FOUND) return toMessage(seq, reply.headers, reply.string());
		return this.askLeader(seq);
	}

	private async askLeader(seq: number): Promise<Message | null> {
		const { manager } = await this.stream.link.connect();
		try {
			const { header, data, time, subject } = await manager.streams.getMessage(this.stream.name, {
				seq
			});
			const id = header.get("Nats-Msg-Id");
			return { seq, id, subject, storedAt: time.getTime(), text: new TextDecoder().decode(data) };
		} catch (err) {
			if (err instanceof NatsError && err.api_error?.err_code === NO_MESSAGE) return null;
			if (isMissing(err)) this.stream.invalidate();
			throw err;
		}
	}

	/** None for a message that is addressed to one group: a dead letter that is handled again. */
	private toFact(message: Message, { generation }: Bounds): LoggedFact[] {
		const { seq, subject, text } = message;
		if (this.stream.parseSubject(subject).to !== ALL_GROUPS) return [];
		return [{ ...parseFact(text), seq, position: format({ ...message, generation }) }];
	}
}

const toMessage = (seq: number, headers: MsgHdrs | undefined, text: string): Message => ({
	seq,
	id: headers?.get("Nats-Msg-Id") ?? "",
	subject: headers?.get("Nats-Subject") ?? "",
	storedAt: Date.parse(headers?.get("Nats-Time-Stamp") ?? ""),
	text
});
