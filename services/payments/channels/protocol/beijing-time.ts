import { BEIJING_OFFSET_MS } from "../../../../schemas/values/beijing-day";

/** The channels write Beijing time. These functions convert from UTC, so that the process's time zone does not matter. */

/** Formats as Alipay does: `2026-01-31 16:00:00`. */
export const formatBeijingTime = (at: Date): string =>
	new Date(at.getTime() + BEIJING_OFFSET_MS).toISOString().slice(0, 19).replace("T", " ");

/** Formats as WeChat Pay does: `2026-01-31T16:00:00+08:00`. */
export const formatBeijingRfc3339 = (at: Date): string => `${formatBeijingTime(at).replace(" ", "T")}+08:00`;

export const parseBeijingTime = (text: string): Date | undefined =>
	/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? valid(`${text.replace(" ", "T")}+08:00`) : undefined;

export const parseRfc3339 = (text: string): Date | undefined =>
	/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text) ? valid(text) : undefined;

function valid(iso: string): Date | undefined {
	const at = new Date(iso);
	return Number.isNaN(at.getTime()) ? undefined : at;
}
