import { billRow, fenFromBill, splitLines, readRows, cellsByName } from "../bill";
import type { BillRow } from "../payment-channel";
import { unzip } from "./zip";

/** The first line of the file with single trades; the other one in the archive has sums only. */
const TITLE = "#支付宝业务明细查询";
const MOST_TEXT_BYTES = 256 * 1024 * 1024;

/**
 * Alipay's trade bill: an archive with a file in GBK that has remarks after `#`, a line of names, and a line a trade or
 * refund whose texts end in a tab. Source: the public documents on bills, and files that others have published.
 */
export function parseAlipayBill(archive: Buffer): BillRow[] | undefined {
	for (const file of unzip(archive, MOST_TEXT_BYTES) ?? []) {
		const text = gbk(file);
		if (text?.startsWith(TITLE)) return parseDetails(text);
	}
	return undefined;
}

export function parseDetails(text: string): BillRow[] | undefined {
	const lines = splitLines(text);
	const head = lines.findIndex(line => line.startsWith("支付宝交易号,"));
	const end = lines.findIndex((line, n) => n > head && line.startsWith("#"));
	if (head < 0 || end < 0) return undefined; // cut off, or no bill at all
	const cellsOf = (line: string) => line.split(",").map(cell => cell.trim());
	const names = cellsOf(lines[head] ?? "").map(name => name.replace(/[(（]元[)）]$/, ""));
	const table = cellsByName(names, lines.slice(head + 1, end).map(cellsOf));
	return table && readRows(table, rowOf);
}

function rowOf(cells: ReadonlyMap<string, string>): BillRow | "skip" | undefined {
	const paymentNo = cells.get("商户订单号");
	const amount = fenFromBill(cells.get("订单金额"));
	switch (cells.get("业务类型")) {
		case "交易":
			return billRow("payment", paymentNo, null, amount);
		case "退款":
			return billRow("refund", paymentNo, cells.get("退款批次号/请求号") || null, amount);
		default:
			return "skip"; // fees and shares, which move no buyer's money
	}
}

function gbk(bytes: Buffer): string | undefined {
	try {
		return new TextDecoder("gb18030", { fatal: true }).decode(bytes);
	} catch {
		return undefined;
	}
}
