/**
 * Waits until the condition answers something true, and answers it; fails after `withinMs`. Looks again soon at first and then
 * less and less often, because most conditions hold within milliseconds and a look costs a request. A look that costs more
 * than that had better be rarer: `pauseMs` is the longest pause.
 */
export async function until<V>(
	what: string,
	condition: () => Promise<V> | V,
	withinMs = 10_000,
	pauseMs = 50
): Promise<NonNullable<V>> {
	const deadline = Date.now() + withinMs;
	for (let pause = 5; ; pause = Math.min(pause * 1.5, pauseMs)) {
		const seen = await condition();
		if (seen) return seen;
		if (Date.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain: ${what}`);
		await new Promise(resolve => setTimeout(resolve, pause));
	}
}
