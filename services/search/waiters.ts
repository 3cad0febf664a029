/** Those who wait for something to happen, each at most for a while. */
export class Waiters {
	private readonly waiting = new Set<() => void>();

	/** Resolves at the next `release`, or after `ms`. */
	wait(ms: number): Promise<void> {
		return new Promise<void>(resolve => {
			const done = () => {
				clearTimeout(timer);
				this.waiting.delete(done);
				resolve();
			};
			const timer = setTimeout(done, ms);
			this.waiting.add(done);
		});
	}

	release(): void {
		for (const done of this.waiting) done();
	}
}
