import type { Span } from "../../schemas/traces.contract";

const MOST = 5000;

/** Spans of this process on their way to `traces`. Bounded: what can't be sent in time is counted and dropped. */
class Spans {
	private waiting: Span[] = [];
	private dropped = 0;

	add(span: Span): void {
		if (this.waiting.length < MOST) this.waiting.push(span);
		else this.dropped++;
	}

	take(count: number): Span[] {
		return this.waiting.splice(0, count);
	}

	drop(count: number): void {
		this.dropped += count;
	}

	/** How many were dropped since it was asked last. */
	lost(): number {
		const { dropped } = this;
		this.dropped = 0;
		return dropped;
	}
}

export const spans = new Spans();

/** Runs the work and notes how it went; what it answers or throws stays as it is. */
export async function recordSpan<R>(
	work: () => Promise<R>,
	spanOf: (answer: R | undefined) => Omit<Span, "at" | "ms" | "outcome">
): Promise<R> {
	const at = new Date();
	const start = performance.now();
	const note = (outcome: string, answer?: R) =>
		spans.add({ ...spanOf(answer), at: at.toISOString(), ms: msSince(start), outcome });
	try {
		const answer = await work();
		note("ok", answer);
		return answer;
	} catch (err) {
		note(outcomeOf(err));
		throw err;
	}
}

const msSince = (start: number) => Math.round((performance.now() - start) * 10) / 10;

function outcomeOf(err: unknown): string {
	if (!(err instanceof Error)) return "error";
	return "type" in err && typeof err.type === "string" && err.type
		? err.type
		: `error: ${err.message.slice(0, 200)}`;
}
