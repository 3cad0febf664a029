/** How many notes ago a position must have been taken, for everything that it made due later to be done. */
const CHECKPOINT_AFTER = 3;

/** The latest positions of the log; of the oldest of them, whatever follows from its facts is in the index. */
export class Checkpoints {
	private readonly positions: string[] = [];

	/**
	 * Adds the position up to which facts have been applied. Call it each time when `RefreshQueue` has advanced and is empty.
	 * The position from which another reader may go on; undefined until there is one.
	 */
	add(position: string): string | undefined {
		this.positions.push(position);
		return this.positions.length > CHECKPOINT_AFTER ? this.positions.shift() : undefined;
	}
}

/** Versions of readings by the number in the log. A change is read later than what a scan has read after the same facts. */
export const changeVersion = (seq: number): number => 2 * seq + 2;
export const scanVersion = (seq: number): number => 2 * seq + 1;
