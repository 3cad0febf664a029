import { setTimeout as pause } from "node:timers/promises";

/** Starts the work of each item at an even pace over the given seconds, without waiting for the earlier ones. */
export function atEvenPace<T, R>(
	items: readonly T[],
	seconds: number,
	work: (item: T) => Promise<R>
): Promise<R[]> {
	const began = performance.now();
	const begin = async (item: T, n: number) => {
		const due = began + (n * seconds * 1000) / items.length;
		await pause(Math.max(due - performance.now(), 0));
		return work(item);
	};
	return Promise.all(items.map(begin));
}
