/**
 * Waits until the condition returns a truthy value, and returns it; after `withinMs` it throws with the last value. It polls
 * often at first and then less and less, because most conditions hold within milliseconds and each poll costs a request.
 */
export async function until<V>(
	what: string,
	condition: () => Promise<V> | V,
	withinMs = 10_000
): Promise<NonNullable<V>> {
	const deadline = Date.now() + withinMs;
	for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 1.5, 50)) {
		const seen = await condition();
		if (seen) return seen;
		if (Date.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain: ${what}`);
		await new Promise(resolve => setTimeout(resolve, pauseMs));
	}
}
