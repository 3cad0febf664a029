import { toBillRow, parseBillAmount, splitLines, readRows, nameCells } from "../../protocol/bill";
import type { BillRow } from "../../payment-channel";
import { unzip } from "./zip";

/** The first line of the file with the trades. The archive's other file has sums only. */
const TITLE = "#支付宝业务明细查询";
const MAX_TEXT_BYTES = 256 * 1024 * 1024;

/**
 * Parses Alipay's trade bill, an archive with a file in GBK: remarks after `#`, a line of names, and a line for each trade or
 * refund, whose texts end in a tab. Source: the public documents on bills, and files that others have published.
 */
export function parseAlipayBill(archive: Buffer): BillRow[] | undefined {
	for (const file of unzip(archive, MAX_TEXT_BYTES) ?? []) {
		const text = decodeGbk(file);
		if (text?.startsWith(TITLE)) return parseBillText(text);
	}
	return undefined;
}

export function parseBillText(text: string): BillRow[] | undefined {
	const lines = splitLines(text);
	const head = lines.findIndex(line => line.startsWith("支付宝交易号,"));
	const end = lines.findIndex((line, n) => n > head && line.startsWith("#"));
	if (head < 0 || end < 0) return undefined; // truncated, or no bill at all
	const cellsOf = (line: string) => line.split(",").map(cell => cell.trim());
	const names = cellsOf(lines[head] ?? "").map(name => name.replace(/[(（]元[)）]$/, ""));
	const table = nameCells(names, lines.slice(head + 1, end).map(cellsOf));
	return table && readRows(table, rowOf);
}

function rowOf(cells: ReadonlyMap<string, string>): BillRow | "skip" | undefined {
	const paymentNo = cells.get("商户订单号");
	const amount = parseBillAmount(cells.get("订单金额"));
	switch (cells.get("业务类型")) {
		case "交易":
			return toBillRow("payment", paymentNo, null, amount);
		case "退款":
			return toBillRow("refund", paymentNo, cells.get("退款批次号/请求号") || null, amount);
		default:
			return "skip"; // fees and shares, which are no buyer's money
	}
}

function decodeGbk(bytes: Buffer): string | undefined {
	try {
		return new TextDecoder("gb18030", { fatal: true }).decode(bytes);
	} catch {
		return undefined;
	}
}
