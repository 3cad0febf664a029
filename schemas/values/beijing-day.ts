import { DAY_MS } from "./durations";

/** Beijing time is UTC+8 all year round: China has no daylight saving time. */
export const BEIJING_OFFSET_MS = 8 * 3_600_000;

/** The calendar day in Beijing at that instant, such as `2026-01-31`. */
export const beijingDay = (at: Date): string =>
	new Date(at.getTime() + BEIJING_OFFSET_MS).toISOString().slice(0, 10);

/** The instants at which that day begins and ends in Beijing; the end is the next day's beginning. */
export function beijingDayBounds(day: string): { from: Date; to: Date } {
	const from = new Date(`${day}T00:00:00+08:00`);
	return { from, to: new Date(from.getTime() + DAY_MS) };
}
