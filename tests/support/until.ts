/** Waits until the condition answers something true, and answers it; fails, with what it saw last, after `withinMs`. */
export async function until<V>(
	what: string,
	condition: () => Promise<V> | V,
	withinMs = 10_000
): Promise<NonNullable<V>> {
	const deadline = Date.now() + withinMs;
	for (;;) {
		const seen = await condition();
		if (seen) return seen;
		if (Date.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain: ${what}`);
		await new Promise(resolve => setTimeout(resolve, 20));
	}
}
