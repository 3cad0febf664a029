/** Calls `poll` at least every `everyMs`, and at each time requested, until it is stopped. */
export class PollTimer {
	private timer: NodeJS.Timeout | undefined;
	private nextAt = Infinity;
	/** Requested times that have not come yet. A timer may fire a little early, so a poll before its time doesn't remove it. */
	private readonly requested = new Set<number>();

	constructor(
		private readonly poll: (now: number) => void,
		private readonly everyMs: number
	) {}

	/** Polls in `ms` at the latest. */
	within(ms: number): void {
		const at = Date.now() + ms;
		if (at >= this.nextAt) return;
		clearTimeout(this.timer);
		this.nextAt = at;
		this.timer = setTimeout(() => this.fire(), Math.max(0, ms));
	}

	/** Polls when the clock has reached `time`. */
	at(time: number): void {
		this.requested.add(time);
		this.within(time - Date.now());
	}

	stop(): void {
		clearTimeout(this.timer);
		this.nextAt = Infinity;
	}

	private fire(): void {
		const now = Date.now();
		this.poll(now);
		this.nextAt = Infinity;
		this.within(this.everyMs);
		for (const time of this.requested)
			if (time <= now) this.requested.delete(time);
			else this.within(time - now);
	}
}
