/**
 * Characters that leave no ink, for a class of a regular expression: blanks, controls, half surrogate pairs, and what
 * Unicode tells renderers to draw as nothing (zero-width characters, fillers, variation selectors).
 */
const INKLESS = String.raw`\s\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{DI}\u2800`;
/** Embeddings, overrides and isolates: they turn the direction of the text that follows. */
const DIRECTIONS = String.raw`\u202a-\u202e\u2066-\u2069`;

const INK = `[^${INKLESS}]`;
/** One line that can be seen. Joiners within a word stay: emoji, Hindi and Persian are written with them. */
export const linePattern = (without = ""): RegExp =>
	new RegExp(`^(?=.*${INK})[^${without}\\p{Cc}\\p{Cs}\\u2028\\u2029${DIRECTIONS}]+$`, "u");

const PROSE = String.raw`[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\p{Cs}\u202d\u202e]`;
/** Any number of lines, possibly none; tabs and line breaks are its only controls, and nothing overrides a direction. */
export const PROSE_PATTERN = new RegExp(`^${PROSE}*$`, "u");
/** The same, with something to be seen in it. */
export const VISIBLE_PROSE_PATTERN = new RegExp(String.raw`^(?=[\s\S]*${INK})${PROSE}+$`, "u");

/** Every character of a code can be seen. */
export const CODE_PATTERN = new RegExp(`^${INK}+$`, "u");

/** The characters of a URL: no blanks or controls, and none of those that RFC 3986 leaves out, such as quotes and `\\`. */
const IN_URL = String.raw`[^\s\p{Z}\p{Cc}\p{Cs}${DIRECTIONS}"<>\\^\x60{|}]`;
const HOST = String.raw`(\[[\da-fA-F:.]+\]|[^\s\p{Z}\p{C}"<>\\^\x60{|}/?#@:[\]]+)(:\d{1,5})?`;
/**
 * An absolute http(s) address without user or password, or a path that begins with a single slash: `//host` and `/\\host`
 * lead to another site.
 */
export const URL_PATTERN = new RegExp(
	String.raw`^([hH][tT][tT][pP][sS]?://${HOST}([/?#]${IN_URL}*)?|/(?![/\\])${IN_URL}*)$`,
	"u"
);

/** A path of the shop, as in URL_PATTERN. */
export const SHOP_PATH_PATTERN = new RegExp(String.raw`^/(?![/\\])${IN_URL}*$`, "u");

/** A run of characters without ink. */
export const INVISIBLE = new RegExp(`[${INKLESS}]+`, "gu");
/** The text without its blanks and everything else that can't be seen. */
export const withoutInvisible = (text: string): string => text.replace(INVISIBLE, "");

/**
 * The form in which texts are compared and searched: texts that differ in case, in width, in how accents are encoded, or in
 * what can't be seen (blanks too) have the same. Unicode's NFKC_Casefold, without blanks.
 */
export const fold = (text: string): string =>
	withoutInvisible(text.normalize("NFKC"))
		.toLowerCase()
		.toUpperCase() // ß becomes SS, which lower case alone would leave
		.toLowerCase()
		.replaceAll("ς", "σ") // at the end of a word only, which is not where a longer text has it
		.normalize("NFKC");

/** At most so many characters of the text; none of them is cut in half. */
export const truncate = (text: string, max: number): string =>
	text.length <= max
		? text
		: Array.from(text.slice(0, 2 * max))
				.slice(0, max)
				.join("");

/** The beginning of the text that fits into `maxBytes` of UTF-8; no character is cut in half. */
export function truncateUtf8(text: string, maxBytes: number): string {
	const { read } = new TextEncoder().encodeInto(text, new Uint8Array(maxBytes));
	return text.slice(0, read).toWellFormed();
}
