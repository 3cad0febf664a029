import { setTimeout as pause } from "node:timers/promises";

/** Begins the works of all items at an even pace over so many seconds, whether those before have ended or not. */
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
