import { createHash } from "node:crypto";
import type { BillRow } from "../payment-channel";

/** The channels write their daily bills as lines of cells under one line of names. A bill with anything unexpected is rejected. */

type Cells = ReadonlyMap<string, string>;

/** Names each line's cells; undefined when one line has too many or too few, since then no line can be trusted. */
export function nameCells(
	names: readonly string[],
	lines: readonly (readonly string[])[]
): Cells[] | undefined {
	if (lines.some(cells => cells.length !== names.length)) return undefined;
	return lines.map(cells => new Map(names.map((name, n) => [name, cells[n] ?? ""])));
}

/** Splits into lines, without a byte order mark and without empty lines. */
export const splitLines = (text: string): string[] =>
	text
		.replace(/^\uFEFF/, "")
		.split(/\r?\n/)
		.filter(line => line.trim() !== "");

/** Parses the absolute amount, in fen. Bills write `20.00`, `0.5` or `0`, and refunds with or without a minus. */
export function parseBillAmount(yuan: string | undefined): number | undefined {
	const parts = /^-?([0-9]{1,9})(?:\.([0-9]{1,2}))?$/.exec(yuan ?? "");
	return parts ? Number(`${parts[1]}${(parts[2] ?? "").padEnd(2, "0")}`) : undefined;
}

/** Reads the rows, without the ones that `rowOf` skips; undefined when one can't be read. */
export function readRows(
	lines: readonly Cells[],
	rowOf: (cells: Cells) => BillRow | "skip" | undefined
): BillRow[] | undefined {
	const rows = lines.map(rowOf);
	if (rows.includes(undefined)) return undefined;
	return rows.flatMap(row => (row === undefined || row === "skip" ? [] : row));
}

/** Undefined without a payment number or an amount, since such a row could not be looked up. */
export function toBillRow(
	kind: BillRow["kind"],
	paymentNo: string | undefined,
	refundNo: string | null,
	amount: number | undefined
): BillRow | undefined {
	return paymentNo && amount !== undefined ? { kind, paymentNo, refundNo, amount } : undefined;
}

export const hashSha1 = (bytes: Buffer): string => createHash("sha1").update(bytes).digest("hex");

/** Bounds the bill of one day; enough for a big shop. */
export const MAX_BILL_BYTES = 64 * 1024 * 1024;
/** Bills may take this many times as long as other requests. */
export const BILL_TIMEOUT_FACTOR = 10;
