import { createHash } from "node:crypto";
import type { BillRow } from "./payment-channel";

/** How both channels write their daily bills: lines of cells under one line of names. Anything unexpected is no bill. */

type Cells = ReadonlyMap<string, string>;

/** Each line's cells by their names; undefined when one has too many or too few, since then none can be trusted. */
export function cellsByName(
	names: readonly string[],
	lines: readonly (readonly string[])[]
): Cells[] | undefined {
	if (lines.some(cells => cells.length !== names.length)) return undefined;
	return lines.map(cells => new Map(names.map((name, n) => [name, cells[n] ?? ""])));
}

/** Lines without their ends, a byte order mark, or empty ones. */
export const splitLines = (text: string): string[] =>
	text
		.replace(/^\uFEFF/, "")
		.split(/\r?\n/)
		.filter(line => line.trim() !== "");

/** The size of an amount: bills write `20.00`, `0.5` or `0`, and refunds with a minus or without. */
export function fenFromBill(yuan: string | undefined): number | undefined {
	const parts = /^-?([0-9]{1,9})(?:\.([0-9]{1,2}))?$/.exec(yuan ?? "");
	return parts ? Number(`${parts[1]}${(parts[2] ?? "").padEnd(2, "0")}`) : undefined;
}

/** All rows or none. */
export function readRows(
	lines: readonly Cells[],
	rowOf: (cells: Cells) => BillRow | "skip" | undefined
): BillRow[] | undefined {
	const rows = lines.map(rowOf);
	if (rows.includes(undefined)) return undefined;
	return rows.flatMap(row => (row === undefined || row === "skip" ? [] : row));
}

/** A row that can be looked up: without a number or an amount it is none. */
export function billRow(
	kind: BillRow["kind"],
	paymentNo: string | undefined,
	refundNo: string | null,
	amount: number | undefined
): BillRow | undefined {
	return paymentNo && amount !== undefined ? { kind, paymentNo, refundNo, amount } : undefined;
}

export const sha1 = (bytes: Buffer): string => createHash("sha1").update(bytes).digest("hex");

/** A day's bill of a big shop; what is larger comes from somebody else. */
export const MAX_BILL_BYTES = 64 * 1024 * 1024;
/** Bills take longer than questions. */
export const BILL_TIMEOUT_FACTOR = 10;
