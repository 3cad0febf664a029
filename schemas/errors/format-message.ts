import type { ErrorCode } from "./error-codes";
import { MESSAGES, type Lang } from "./messages";
import { isNoun, NOUNS } from "./nouns";

type Details = Readonly<Record<string, unknown>>;
/** Messages that say what the data names; null where it does not name it, as in an error of an older version. */
const DETAILED: Partial<Record<ErrorCode | "OK", (data: Details, lang: Lang) => string | null>> = {
	NOT_FOUND({ what }, lang) {
		if (!isNoun(what) || what === "entry") return null;
		const noun = NOUNS[what][lang];
		if (lang === "en") return `No such ${noun}`;
		return /^\w/.test(noun) ? `未找到 ${noun}` : `未找到${noun}`;
	},
	INVALID_STATE({ state }, lang) {
		if (typeof state !== "string") return null;
		return lang === "en"
			? `Not possible in the present state (${state})`
			: `当前状态（${state}）不允许此操作`;
	},
	LIMIT_REACHED({ limit }, lang) {
		if (typeof limit !== "number") return null;
		return lang === "en" ? `There may be no more than ${limit} of these` : `数量已达上限（${limit}）`;
	}
};

/** The message of an answer in the client's language, with what its data names. */
export function formatMessage(code: ErrorCode | "OK", data: unknown, lang: Lang): string {
	const detailed =
		typeof data === "object" && data !== null ? DETAILED[code]?.(data as Details, lang) : null;
	return detailed ?? MESSAGES[code][lang];
}
