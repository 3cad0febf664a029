/** The only place where yuan turn into fen and back: by digits, never through a floating point number. */

/** The largest amount Alipay takes in one payment: 100,000,000.00 yuan. */
export const MAX_FEN = 10_000_000_000;

export function yuanFromFen(fen: number): string {
	if (!Number.isSafeInteger(fen) || fen < 0 || fen > MAX_FEN)
		throw new RangeError(`Not an amount in fen: ${fen}`);
	const digits = String(fen).padStart(3, "0");
	return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Only the one way a channel writes an amount (`0.10`) is read; `0.1`, `1e3`, `+1.00`, `01.00` or `１.00` give undefined. */
export function fenFromYuan(yuan: string): number | undefined {
	const parts = /^(0|[1-9][0-9]{0,8})\.([0-9]{2})$/.exec(yuan);
	if (!parts) return undefined;
	const fen = Number(`${parts[1]}${parts[2]}`);
	return fen <= MAX_FEN ? fen : undefined;
}
