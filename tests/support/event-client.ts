import { until } from "./until";

export type SeenEvent = { readonly id: string; readonly event: string; readonly data: any };

/** A client of live events that keeps what it has seen. */
export class EventClient {
	readonly seen: SeenEvent[] = [];
	comments = 0;
	ended = false;
	private readonly abort = new AbortController();

	private constructor(
		readonly status: number,
		readonly headers: Headers
	) {}

	static async open(
		url: string,
		token: string,
		{ path = "/events", lastId }: { readonly path?: string; readonly lastId?: string } = {}
	): Promise<EventClient> {
		const abort = new AbortController();
		const response = await fetch(`${url}/api/v1${path}`, {
			signal: abort.signal,
			headers: { Authorization: `Bearer ${token}`, ...(lastId && { "Last-Event-ID": lastId }) }
		});
		const client = new EventClient(response.status, response.headers);
		Object.assign(client, { abort });
		void client.read(response).catch(() => undefined);
		return client;
	}

	get names(): string[] {
		return this.seen.map(({ event }) => event);
	}

	/** Waits for an event of that name, and answers it. */
	waitFor(event: string): Promise<SeenEvent> {
		return until(`the event ${event}`, () => this.seen.find(seen => seen.event === event));
	}

	close(): void {
		this.abort.abort();
	}

	private async read(response: Response): Promise<void> {
		let text = "";
		try {
			for await (const chunk of response.body ?? []) {
				text += Buffer.from(chunk).toString();
				const blocks = text.split("\n\n");
				text = blocks.pop() ?? "";
				for (const block of blocks) this.take(block.split("\n"));
			}
		} finally {
			this.ended = true;
		}
	}

	private take(lines: readonly string[]): void {
		const field = (name: string) =>
			lines.find(line => line.startsWith(`${name}: `))?.slice(name.length + 2);
		if (lines[0]?.startsWith(":")) this.comments++;
		const data = field("data");
		if (data !== undefined)
			this.seen.push({ id: field("id") ?? "", event: field("event") ?? "", data: JSON.parse(data) });
	}
}
