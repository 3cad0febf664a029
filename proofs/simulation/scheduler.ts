/** Picks the next waiting step. The picks come from the test's generator, so a failure can be shrunk and replayed. */
export class Scheduler {
	private waiting: { readonly owner: object; readonly go: () => void }[] = [];
	private next = 0;

	constructor(private readonly picks: readonly number[]) {}

	/** Every operation of a store or channel waits here; the operations of a killed owner never run. */
	waitForTurn(owner: object): Promise<void> {
		return new Promise(go => this.waiting.push({ owner, go }));
	}

	kill(owner: object): void {
		this.waiting = this.waiting.filter(step => step.owner !== owner);
	}

	pick(below: number): number {
		const picked = this.picks[this.next++ % this.picks.length] ?? 0;
		return picked % below;
	}

	/** Runs the waiting steps one by one until none is left; `between` is called before each. */
	async run(between: () => void = () => undefined): Promise<void> {
		for (;;) {
			await drainPromises();
			if (!this.waiting.length) return;
			between();
			this.waiting.splice(this.pick(Math.max(1, this.waiting.length)), 1)[0]?.go();
		}
	}
}

/** By the next turn of the event loop every promise that could settle has settled. */
const drainPromises = () => new Promise<void>(resolve => setImmediate(resolve));
