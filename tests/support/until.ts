/**
 * Waits until the condition answers something true, and answers it; fails after `withinMs`. Checks often at first and then
 * less and less often, because most conditions hold within milliseconds and a check costs a request. `pauseMs` is the longest
 * pause: raise it for expensive conditions.
 */
export async function until<V>(
	what: string,
	condition: () => Promise<V> | V,
	withinMs = 60_000,
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
