/** What breaks each invariant, by the invariant's name. */
export type Violations = Readonly<Record<string, readonly string[]>>;

/**
 * What both of two checks in a row have found. The reads of one check are not of one moment, so that on a live shop it may
 * take for broken what was only moving between two of them.
 */
export const confirmViolations = (before: Violations, now: Violations): Violations =>
	Object.fromEntries(
		Object.entries(now).map(([name, found]) => {
			const known = new Set(before[name]);
			return [name, found.filter(violation => known.has(violation))];
		})
	);

/** How long to leave the shop alone after a check, so that it is read for a tenth of the time at most. */
export const pauseAfterCheckMs = (everyMs: number, tookMs: number): number => everyMs + 9 * tookMs;
