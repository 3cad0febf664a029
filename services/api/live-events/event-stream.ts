import type { ServerResponse } from "node:http";
import type { Select, SelectableFact } from "./select-facts";

const COMMENT_EVERY_MS = 15_000;
/** A client that takes nothing for so long is disconnected. */
const MAX_CONGESTED_MS = 60_000;
/** For how long a client waits before it connects again, in ms. */
const RECONNECT_AFTER_MS = 1_000;

/** Why a stream ended. */
type StreamEnd = "client" | "stop" | "token" | "session" | "slow" | "gap";

/** Whose stream it is. `userId` is null for a stream of staff. */
export type StreamOwner = {
	readonly sessionId: string;
	readonly userId: string | null;
	/** Epoch ms of the token's end. */
	readonly expiresAt: number;
};

/**
 * One client's stream of Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html). It buffers no
 * more than its socket does: a fact that the client has no room for is read from the log again once there is room.
 */
export class EventStream {
	/** The number in the log of the last fact that was sent or was not for this client. */
	seq = -1;
	/** Reads from the log by itself until it has caught up with the hub. */
	catchingUp = false;
	private readonly timers: NodeJS.Timeout[];
	private congestedSince: number | null = null;
	private ended = false;
	private onRoom: () => void = () => undefined;

	constructor(
		private readonly res: ServerResponse,
		readonly owner: StreamOwner,
		private readonly select: Select,
		private readonly onEnd: (stream: EventStream) => void
	) {
		const comment = setInterval(() => this.keepAlive(), COMMENT_EVERY_MS);
		const expiry = setTimeout(() => this.end("token"), Math.max(0, owner.expiresAt - Date.now()));
		this.timers = [comment, expiry];
		res.once("close", () => this.end("client"));
		res.on("drain", () => {
			this.congestedSince = null;
			this.onRoom();
		});
	}

	get isOpen(): boolean {
		return !this.ended;
	}

	/** Whether the client has room for more. */
	get hasRoom(): boolean {
		return this.congestedSince === null;
	}

	/** Resolves when the client has room for more, or the stream has ended. */
	async waitForRoom(): Promise<void> {
		if (this.hasRoom || this.ended) return;
		await new Promise<void>(resolve => (this.onRoom = resolve));
	}

	/** Begins the response. `lastId` is the newest fact: a client that is cut off before its first event resumes there. */
	open(lastId: string | null): void {
		this.res.writeHead(200, {
			"Content-Type": "text/event-stream; charset=utf-8",
			"Cache-Control": "no-store",
			"X-Accel-Buffering": "no"
		});
		const id = lastId === null ? "" : `id: ${lastId}\n`;
		this.write(`: connected\nretry: ${RECONNECT_AFTER_MS}\n${id}\n`);
	}

	/** Says that facts may have been missed: the client loads its state anew. */
	reset(): void {
		this.write("event: reset\ndata: {}\n\n");
	}

	/** The fact as an event of this stream; null for a fact that is not for this client. */
	render(fact: SelectableFact & { readonly id: string }): string | null {
		const payload = this.select(fact);
		return payload && `id: ${fact.id}\nevent: ${fact.event}\ndata: ${JSON.stringify(payload)}\n\n`;
	}

	send(event: string): void {
		this.write(event);
	}

	end(why: StreamEnd): void {
		if (this.ended) return;
		this.abandon();
		if (why === "slow") this.res.destroy();
		else this.res.end();
	}

	/** Gives the stream up and leaves the response to the caller. */
	abandon(): void {
		this.ended = true;
		for (const timer of this.timers) clearTimeout(timer);
		this.onRoom();
		this.onEnd(this);
	}

	private keepAlive(): void {
		if (this.congestedSince !== null && performance.now() - this.congestedSince > MAX_CONGESTED_MS)
			this.end("slow");
		else if (this.hasRoom) this.write(": still here\n\n");
	}

	private write(text: string): void {
		if (!this.ended && !this.res.write(text)) this.congestedSince ??= performance.now();
	}
}
