import { setImmediate as nextTurn } from "node:timers/promises";

/** Longest piece of synchronous work. */
const SLICE_MS = 4;

/** Lets other work have its turn of the event loop. */
export class TimeSlice {
	private startedAt = performance.now();

	async yieldIfOver(): Promise<void> {
		if (performance.now() - this.startedAt < SLICE_MS) return;
		await nextTurn();
		this.startedAt = performance.now();
	}
}
