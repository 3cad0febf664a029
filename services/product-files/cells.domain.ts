/** A cell that a spreadsheet would take for a formula, or that looks like one with the quote that tells it not to. */
const FORMULA = /^'*[=+\-@]/;

/** The text as a cell: what could be taken for a formula gets one quote more. */
export const escapeCell = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);
/** The text of a cell: the quote that `escapeCell` writes is taken away. */
export const unescapeCell = (cell: string): string =>
	cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;

/** Fen as yuan with two decimals. */
export const formatYuan = (fen: number): string =>
	`${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, "0")}`;
/** Yuan with at most two decimals as fen; null for anything else. */
export function parseYuan(text: string): number | null {
	const [, yuan, decimals = ""] = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(text.trim()) ?? [];
	return yuan === undefined ? null : Number(yuan) * 100 + Number(decimals.padEnd(2, "0"));
}

/** Texts parted by `|`; a bar or backslash within one has a backslash before it. */
export const joinList = (texts: readonly string[]): string =>
	texts.map(text => text.replace(/[\\|]/g, "\\$&")).join("|");
export function splitList(cell: string): string[] {
	const parts: string[] = [];
	let part = "";
	for (const [bit] of cell.matchAll(/\\[\\|]|[^]/gu))
		if (bit === "|") {
			parts.push(part);
			part = "";
		} else part += bit.length > 1 && bit.startsWith("\\") ? bit.slice(1) : bit;
	return [...parts, part].filter(each => each !== "");
}

/** Line breaks in a text: CR LF, LF or CR. */
export const countLineBreaks = (text: string): number =>
	text.includes("\n") || text.includes("\r") ? (text.match(/\r\n|\n|\r/g)?.length ?? 0) : 0;
