import type { Span } from "../../schemas/traces.contract";

const MAX_BUFFERED = 5000;

/** Buffers the spans of this process until they are sent to `traces`. Spans beyond the bound are counted and dropped. */
class SpanBuffer {
	private buffered: Span[] = [];
	private dropped = 0;

	add(span: Span): void {
		if (this.buffered.length < MAX_BUFFERED) this.buffered.push(span);
		else this.dropped++;
	}

	/** Removes and returns the oldest spans, up to `count`. */
	takeSpans(count: number): Span[] {
		return this.buffered.splice(0, count);
	}

	/** Counts spans that could not be sent. */
	countDropped(count: number): void {
		this.dropped += count;
	}

	/** How many spans were dropped since the last call. */
	takeDroppedCount(): number {
		const { dropped } = this;
		this.dropped = 0;
		return dropped;
	}
}

export const spans = new SpanBuffer();

/** Runs the work and adds a span with its duration and outcome. Resolves or rejects as the work does. */
export async function recordSpan<R>(
	work: () => Promise<R>,
	spanOf: (answer: R | undefined) => Omit<Span, "at" | "ms" | "outcome">
): Promise<R> {
	const at = new Date();
	const start = performance.now();
	const addSpan = (outcome: string, answer?: R) => {
		const span = { ...spanOf(answer), at: at.toISOString(), ms: msSince(start), outcome };
		// A caller who may not see an order adds nothing to its trace.
		spans.add(outcome === "NOT_FOUND" ? { ...span, orderId: null } : span);
	};
	try {
		const answer = await work();
		addSpan("ok", answer);
		return answer;
	} catch (err) {
		addSpan(outcomeOf(err));
		throw err;
	}
}

const msSince = (start: number) => Math.round((performance.now() - start) * 10) / 10;

/** The stable type of a refusal, or the beginning of another error's message. */
function outcomeOf(err: unknown): string {
	if (!(err instanceof Error)) return "error";
	return "type" in err && typeof err.type === "string" && err.type
		? err.type
		: `error: ${err.message.slice(0, 200)}`;
}
