/** The violations of each invariant, by the invariant's name. */
export type Violations = Readonly<Record<string, readonly string[]>>;

/**
 * The violations that both of two checks in a row found. The reads of one check are not of one moment, so on a live shop a
 * single check may report data that was merely changing between two of its reads.
 */
export const confirmViolations = (before: Violations, now: Violations): Violations =>
	Object.fromEntries(
		Object.entries(now).map(([name, found]) => {
			const foundBefore = new Set(before[name]);
			return [name, found.filter(violation => foundBefore.has(violation))];
		})
	);

export type Known = {
	/** By the last check of each invariant. */
	readonly found: Violations;
	/** The confirmed violations: those that the check before had found too. */
	readonly standing: Violations;
};

/** The known violations after a check that found `now`. Those of invariants that it has left out stay as they were. */
export function addCheck(before: Known | null, now: Violations, left: readonly string[]): Known {
	const keep = (known: Violations = {}) =>
		Object.fromEntries(Object.entries(known).filter(([name]) => left.includes(name)));
	return {
		found: { ...keep(before?.found), ...now },
		standing: { ...keep(before?.standing), ...confirmViolations(before?.found ?? {}, now) }
	};
}

/** The pause after a check that took `tookMs`: checks read the shop for at most a tenth of the time. */
export const pauseAfterCheckMs = (everyMs: number, tookMs: number): number => everyMs + 9 * tookMs;
