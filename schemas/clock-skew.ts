/** How far the right clock of another process may be ahead. What lies further ahead than it can was stamped by a wrong one. */
export const MAX_CLOCK_SKEW_MS = 60_000;
