import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** Faults of a link; docs/prove.md describes them. */
export const BAD = ["slow", "flapping", "half-open", "trickling"] as const;
export type State = "good" | (typeof BAD)[number];

/** Delay of each direction, so that a round trip takes 200 ms more. */
const SLOW_MS = 100;
/** Each connection over a flapping link is reset with this chance, once an interval. */
const FLAP_EVERY_MS = 100;
const FLAP_CHANCE = 0.05;
/** Pause between two bytes. */
const TRICKLE_MS = 100;
/** Bytes that a link holds back before it pauses the sender. */
const ROOM = 256 * 1024;
/** Length of the longest text that `count` can find. */
const LONGEST_TEXT = 1024;

/** One direction of a connection. */
class Way {
	private readonly held: { bytes: Buffer; due: number }[] = [];
	private size = 0;
	private timer: NodeJS.Timeout | undefined;

	constructor(
		private readonly from: Socket,
		private readonly to: Socket,
		private readonly link: Link,
		private readonly passed: (bytes: Buffer) => void
	) {}

	take(bytes: Buffer): void {
		this.held.push({ bytes, due: this.link.state === "slow" ? Date.now() + SLOW_MS : 0 });
		this.size += bytes.length;
		if (this.size > ROOM) this.from.pause();
		if (this.timer === undefined) this.pass();
	}

	/** Forwards the bytes that are due. */
	pass(): void {
		this.end();
		for (let next = this.held[0]; next; next = this.held[0]) {
			const { state } = this.link;
			if (state === "slow" && next.due > Date.now()) return this.later(next.due - Date.now());
			const now = next.bytes.subarray(0, state === "trickling" ? 1 : undefined);
			next.bytes = next.bytes.subarray(now.length);
			if (next.bytes.length === 0) this.held.shift();
			this.size -= now.length;
			this.passed(now);
			this.to.write(now);
			if (this.size <= ROOM) this.from.resume();
			if (state === "trickling") return this.later(TRICKLE_MS);
		}
	}

	end(): void {
		clearTimeout(this.timer);
		this.timer = undefined;
	}

	private later(ms: number): void {
		this.timer = setTimeout(() => this.pass(), ms);
	}
}

/** A client's connection and the one to the server. Once dead, neither end gets anything, not even the close. */
class Line {
	private readonly server: Socket;
	private readonly ways: readonly Way[];
	private dead: boolean;
	/** The last bytes that the client has sent. */
	private latest: Buffer = Buffer.alloc(0);

	constructor(
		private readonly client: Socket,
		port: number,
		private readonly link: Link
	) {
		this.dead = link.state === "half-open";
		this.server = connect(port, "127.0.0.1");
		this.ways = [
			this.way(client, this.server, bytes => (this.latest = link.passing(this.latest, bytes))),
			this.way(this.server, client, () => undefined)
		];
	}

	/** Adapts to the new state of the link. */
	turned(): void {
		this.dead ||= this.link.state === "half-open";
		for (const way of this.ways)
			if (this.dead) way.end();
			else way.pass();
	}

	reset(): void {
		this.client.resetAndDestroy();
	}

	cut(): void {
		this.link.lines.delete(this);
		for (const way of this.ways) way.end();
		this.client.destroy();
		this.server.destroy();
	}

	private way(from: Socket, to: Socket, passed: (bytes: Buffer) => void): Way {
		const way = new Way(from, to, this.link, passed);
		from.setNoDelay();
		from.on("data", (bytes: Buffer) => {
			if (!this.dead) way.take(bytes);
		});
		from.on("error", () => undefined); // its "close" follows
		from.on("close", () => {
			if (!this.dead || from === this.client) this.cut();
		});
		return way;
	}
}

/**
 * A TCP proxy before a server, which spoils the connection while shop and server are well. A link that recovers forwards the
 * bytes that it held back; half-open connections stay dead, as behind a firewall that forgot them.
 */
export class Link {
	readonly lines = new Set<Line>();
	/** Number of connections so far. */
	opened = 0;
	private now: State = "good";
	private flaps: NodeJS.Timeout | undefined;
	private readonly counts = new Set<{ readonly text: string; times: number }>();

	private constructor(
		readonly port: number,
		private readonly listener: Server
	) {}

	static async to(port: number): Promise<Link> {
		const listener = createServer().listen(0, "127.0.0.1");
		await once(listener, "listening");
		const link = new Link((listener.address() as AddressInfo).port, listener);
		listener.on("connection", client => {
			link.opened++;
			link.lines.add(new Line(client, port, link));
		});
		return link;
	}

	get state(): State {
		return this.now;
	}

	turn(state: State): void {
		this.now = state;
		clearInterval(this.flaps);
		if (state === "flapping") this.flaps = setInterval(() => this.flap(), FLAP_EVERY_MS);
		for (const line of this.lines) line.turned();
	}

	/** Counts how often the text reaches the server from now on. */
	count(text: string): { readonly times: number } {
		const count = { text, times: 0 };
		this.counts.add(count);
		return count;
	}

	/** Counts the texts in bytes on their way to the server, which follow those in `after`; returns the `after` of the next call. */
	passing(after: Buffer, bytes: Buffer): Buffer {
		const all = Buffer.concat([after, bytes]);
		for (const count of this.counts) {
			const first = Math.max(0, after.length - Buffer.byteLength(count.text) + 1);
			for (let at = all.indexOf(count.text, first); at >= 0; at = all.indexOf(count.text, at + 1))
				count.times++;
		}
		return all.subarray(-LONGEST_TEXT);
	}

	async close(): Promise<void> {
		this.turn("good");
		for (const line of this.lines) line.cut();
		this.listener.close();
		await once(this.listener, "close");
	}

	private flap(): void {
		for (const line of this.lines) if (Math.random() < FLAP_CHANCE) line.reset();
	}
}
