import { encodeTime } from "ulid";

/** The text before every ULID of this time and after those of all earlier times. */
export const firstIdAt = (time: string): string => encodeTime(Math.max(0, Date.parse(time)), 10);
