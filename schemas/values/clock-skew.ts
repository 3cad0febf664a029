/** Largest difference tolerated between the clocks of two processes. A timestamp further in the future came from a wrong clock. */
export const MAX_CLOCK_SKEW_MS = 60_000;
