const LEAP = String.raw`\d\d([2468][048]|0[48]|[13579][26])|(1[26]|2[048])00`;
/** A day of the years 1000 to 2999 that the calendar has: no 31 April, and 29 February in leap years only. */
export const DAY = String.raw`(?!\d{4}-(02-3|(0[469]|11)-31))(?=\d{4}-(?!02-29)|(${LEAP})-)[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])`;
const HOUR = String.raw`([01]\d|2[0-3]):[0-5]\d`;
/** An instant in ISO 8601 with its offset from UTC. */
export const INSTANT = String.raw`${DAY}T${HOUR}(:[0-5]\d(\.\d{1,3})?)?(Z|[+-]${HOUR})`;

const WHOLE_DAY = new RegExp(`^${DAY}$`);
/** `2026-02-30` has the form of a day and is none. */
export const isDay = (text: string): boolean => WHOLE_DAY.test(text);
