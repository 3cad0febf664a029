/** Seeded random numbers (mulberry32): the same seed repeats a run's choices. */
export class Random {
	constructor(private state: number) {}

	/** In [0, 1). */
	next(): number {
		this.state = (this.state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	}

	/** A whole number, both ends included. */
	between(low: number, high: number): number {
		return low + Math.floor(this.next() * (high - low + 1));
	}

	pick<T>(from: readonly T[]): T {
		const picked = from[Math.floor(this.next() * from.length)];
		if (picked === undefined) throw new Error("Nothing to pick from");
		return picked;
	}

	/** Makes a generator for one actor, whose choices don't depend on the other actors. */
	split(): Random {
		return new Random(Math.floor(this.next() * 2 ** 32));
	}
}
