/** Both channels write Beijing time (UTC+8, no summer time). It is made from UTC: the process's time zone must not matter. */
const OFFSET_MS = 8 * 3600 * 1000;

/** `2026-01-31 16:00:00`, as Alipay writes it. */
export const beijingTime = (at: Date): string =>
	new Date(at.getTime() + OFFSET_MS).toISOString().slice(0, 19).replace("T", " ");

/** `2026-01-31T16:00:00+08:00`, as WeChat Pay writes it. */
export const beijingRfc3339 = (at: Date): string => `${beijingTime(at).replace(" ", "T")}+08:00`;

export const dateFromBeijing = (text: string): Date | undefined =>
	/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? valid(`${text.replace(" ", "T")}+08:00`) : undefined;

export const dateFromRfc3339 = (text: string): Date | undefined =>
	/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text) ? valid(text) : undefined;

function valid(iso: string): Date | undefined {
	const at = new Date(iso);
	return Number.isNaN(at.getTime()) ? undefined : at;
}
