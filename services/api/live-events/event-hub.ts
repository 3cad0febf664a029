import { setTimeout as pause } from "node:timers/promises";
import type { FactLog, LoggedFact, LogPage } from "../../../mixins/facts.mixin";
import type { Logger } from "../../../mixins/platform";
import type { EventStream } from "./event-stream";
import { findUser } from "./select-facts";

const POLL_MS = 100;
const RETRY_MS = 1_000;
const PAGE_SIZE = 200;
/** Pages of old facts that are read at the same time; further streams wait in turn. */
const MAX_READS = 4;
/** Ids of facts by which those that come again are recognised. */
const MAX_RECENT = 20_000;

/**
 * Reads the log of facts once for all streams of this gateway, and only while there are any. A stream that resumes, or whose
 * client was too slow, reads the log by itself until it has reached the place of the hub.
 */
export class EventHub {
	readonly streams = new Set<EventStream>();
	/** How many facts the hub has yet to read. */
	behind = 0;
	/** How many events were sent since the start. */
	sent = 0;
	private readonly byUser = new Map<string, Set<EventStream>>();
	private readonly ofStaff = new Set<EventStream>();
	private position: string | null = null;
	private lastId: string | null = null;
	private seq = -1;
	private readonly recent = new Set<string>();
	private reading: Promise<void> | undefined;
	private placing: Promise<void> | undefined;
	private reads = 0;
	private readonly waiting: (() => void)[] = [];

	constructor(
		private readonly log: FactLog,
		private readonly logger: Logger
	) {}

	/** Adds a stream and begins its response. `resumeAfter` is the id of the last fact that its client has seen. */
	async add(stream: EventStream, resumeAfter: string | null): Promise<void> {
		const from = resumeAfter === null ? null : await this.log.findInLog(resumeAfter);
		while (this.position === null) await (this.placing ??= this.place());
		if (!stream.isOpen) return;
		const { owner } = stream;
		this.streams.add(stream);
		if (owner.userId === null) this.ofStaff.add(stream);
		else this.byUser.set(owner.userId, (this.byUser.get(owner.userId) ?? new Set()).add(stream));
		stream.seq = this.seq;
		stream.catchingUp = from !== null;
		stream.open(resumeAfter === null ? this.lastId : null);
		if (resumeAfter !== null && from === null) stream.reset();
		if (from !== null) void this.catchUp(stream, from);
		this.reading ??= this.readOn();
	}

	remove(stream: EventStream): void {
		this.streams.delete(stream);
		this.ofStaff.delete(stream);
		const { userId } = stream.owner;
		const others = userId === null ? undefined : this.byUser.get(userId);
		others?.delete(stream);
		if (userId !== null && others?.size === 0) this.byUser.delete(userId);
	}

	/** Ends all streams, and resolves when the log is read no more. */
	async stop(): Promise<void> {
		for (const stream of [...this.streams]) stream.end("stop");
		await this.reading;
	}

	/** Places the hub at the end of the log. */
	private async place(): Promise<void> {
		try {
			const { position, lastId, seq } = await this.log.readLog(null, 1);
			Object.assign(this, { position, lastId, seq });
		} finally {
			this.placing = undefined;
		}
	}

	/** Reads and hands out facts until the last stream has ended. */
	private async readOn(): Promise<void> {
		while (this.streams.size > 0) {
			try {
				await this.readPage();
				if (this.behind === 0) await pause(POLL_MS);
			} catch (err) {
				this.logger.warn({ err }, "Live events could not be read; trying again");
				await pause(RETRY_MS);
			}
		}
		// What happens from now on concerns nobody: the next stream begins at the end of the log.
		this.position = null;
		this.behind = 0;
		this.reading = undefined;
	}

	private async readPage(): Promise<void> {
		let before = this.position ?? "";
		const page = await this.log.readLog(before, PAGE_SIZE);
		// The numbers begin anew: what was read before is recognised by its id.
		if (page.gap) for (const stream of this.streams) if (!stream.catchingUp) stream.seq = -1;
		for (const fact of page.facts) {
			if (!this.recent.has(fact.id)) this.handOut(fact, before);
			this.remember(fact.id);
			before = fact.position;
		}
		this.position = page.position;
		this.seq = page.seq;
		this.lastId = page.lastId ?? this.lastId;
		this.behind = page.behind;
	}

	private handOut(fact: LoggedFact, before: string): void {
		const userId = findUser(fact);
		const concerned = userId === null ? [] : [...(this.byUser.get(userId) ?? [])];
		for (const stream of [...concerned, ...this.ofStaff]) {
			if (stream.catchingUp || fact.seq <= stream.seq) continue;
			const event = stream.render(fact);
			if (event !== null && !stream.hasRoom) {
				void this.catchUp(stream, before);
				continue;
			}
			stream.seq = fact.seq;
			if (event !== null) this.send(stream, event);
		}
	}

	private send(stream: EventStream, event: string): void {
		stream.send(event);
		this.sent++;
	}

	/** Lets the stream read the log from there until it has reached the hub. */
	private async catchUp(stream: EventStream, from: string): Promise<void> {
		stream.catchingUp = true;
		try {
			for (let position = from; stream.isOpen;) {
				await stream.waitForRoom();
				const page = await this.readInTurn(position);
				// The client connects again, and is told by a `reset` if its place is gone.
				if (page.gap) return stream.end("gap");
				const events = page.facts.flatMap(fact => stream.render(fact) ?? []);
				for (const event of events) {
					await stream.waitForRoom();
					this.send(stream, event);
				}
				position = page.position;
				if (page.behind === 0 && page.seq >= this.seq) {
					stream.seq = page.seq;
					stream.catchingUp = false;
					return;
				}
				if (page.behind === 0) await pause(POLL_MS);
			}
		} catch (err) {
			this.logger.warn({ err }, "Live events could not be read; the client connects again");
			stream.end("gap");
		}
	}

	private async readInTurn(position: string): Promise<LogPage> {
		if (this.reads < MAX_READS) this.reads++;
		else await new Promise<void>(resolve => this.waiting.push(resolve));
		try {
			return await this.log.readLog(position, PAGE_SIZE);
		} finally {
			const next = this.waiting.shift();
			if (next) next();
			else this.reads--;
		}
	}

	private remember(id: string): void {
		this.recent.add(id);
		for (const oldest of this.recent) {
			if (this.recent.size <= MAX_RECENT) break;
			this.recent.delete(oldest);
		}
	}
}
