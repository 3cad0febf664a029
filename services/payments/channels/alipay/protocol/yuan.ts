/** The largest amount of one Alipay payment: 100,000,000.00 yuan. */
export const MAX_FEN = 10_000_000_000;

/** Converts by digits, as `parseYuan` does: a floating point number would not be exact. */
export function formatYuan(fen: number): string {
	if (!Number.isSafeInteger(fen) || fen < 0 || fen > MAX_FEN)
		throw new RangeError(`Not an amount in fen: ${fen}`);
	const digits = String(fen).padStart(3, "0");
	return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Parses an amount in the channel's exact form, `0.10`; undefined for `0.1`, `1e3`, `+1.00`, `01.00` or `１.00`. */
export function parseYuan(yuan: string): number | undefined {
	const parts = /^(0|[1-9][0-9]{0,8})\.([0-9]{2})$/.exec(yuan);
	if (!parts) return undefined;
	const fen = Number(`${parts[1]}${parts[2]}`);
	return fen <= MAX_FEN ? fen : undefined;
}
