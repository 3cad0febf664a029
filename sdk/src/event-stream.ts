import { ShopError } from "./errors.js";
import { waitFor } from "./retry.js";
import type { components, FactName, UserFactName } from "./schema.js";

/** The longest pause before a stream connects again. */
const MAX_PAUSE_MS = 30_000;

type EventOf<Name extends string, Data> = {
	/** Resume after this event with `lastEventId`. */
	readonly id: string;
	readonly event: Name;
	readonly data: Readonly<Data>;
};

/**
 * A change as the shop tells it; `event`, such as `order.paid`, tells the type of `data`. A newer shop may have further events.
 * After `reset` events may be missing: load what you show anew.
 */
export type ShopEvent<Name extends FactName = UserFactName> =
	| { readonly [N in Name]: EventOf<N, components["schemas"][N]> }[Name]
	| EventOf<"reset", Record<string, unknown>>;

/** What a stream says: an event, or only where it is and how soon to connect again. */
export type StreamBlock = {
	readonly id?: string;
	readonly event: string;
	readonly data?: string;
	/** In ms. */
	readonly retry?: number;
};

/** Reads Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html) block by block. */
export async function* readBlocks(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamBlock> {
	const reader = body.getReader();
	const decoder = new TextDecoder();
	let text = "";
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return; // a block without its end is not an event
			text = (text + decoder.decode(value, { stream: true })).replaceAll("\r\n", "\n");
			const blocks = text.split("\n\n");
			text = blocks.pop() ?? "";
			for (const block of blocks) yield parseBlock(block);
		}
	} finally {
		await reader.cancel().catch(() => undefined);
	}
}

function parseBlock(block: string): StreamBlock {
	const valuesOf = (field: string) =>
		block.split("\n").flatMap(line => {
			const [name, ...rest] = line.split(":");
			return name === field ? [rest.join(":").replace(/^ /, "")] : [];
		});
	const data = valuesOf("data");
	const [id] = valuesOf("id");
	const retry = Number(valuesOf("retry")[0]);
	return {
		event: valuesOf("event")[0] ?? "message",
		...(id !== undefined && { id }),
		...(data.length > 0 && { data: data.join("\n") }),
		...(retry > 0 && { retry })
	};
}

export type FollowOptions = {
	/** Ends the stream. */
	readonly signal?: AbortSignal;
	/** The id of the last event that was handled: the stream begins after it. */
	readonly lastEventId?: string;
	/** Called at each connection: what happens from now on will be told. */
	readonly onOpen?: () => void;
};

/** Opens a stream that begins after an event. Rejects where the shop refuses it, or can't be reached. */
export type OpenStream = (lastEventId: string | undefined, signal: AbortSignal) => Promise<Response>;

/**
 * Follows live events for as long as the signal allows. After an interruption it connects again and resumes after the last
 * event, so that none is lost or told twice. Throws a ShopError where the shop refuses the stream for good.
 */
export async function* followEvents(
	open: OpenStream,
	{ signal = new AbortController().signal, lastEventId, onOpen }: FollowOptions
): AsyncGenerator<ShopEvent<FactName>> {
	let lastId = lastEventId;
	let retryMs = 1_000;
	for (let failures = 0; !signal.aborted; failures++) {
		try {
			const { body } = await open(lastId, signal);
			onOpen?.();
			for await (const { id, event, data, retry } of readBlocks(body ?? new ReadableStream())) {
				failures = 0;
				retryMs = retry ?? retryMs;
				if (data !== undefined)
					yield {
						id: id ?? lastId ?? "",
						event,
						data: JSON.parse(data) as unknown
					} as ShopEvent<FactName>;
				lastId = id ?? lastId;
			}
		} catch (err) {
			if (err instanceof ShopError && err.status < 500 && err.status !== 429) throw err;
		}
		const longest = Math.min(MAX_PAUSE_MS, retryMs * 2 ** failures);
		await waitFor(longest * (0.5 + Math.random() / 2), signal).catch(() => undefined);
	}
}
