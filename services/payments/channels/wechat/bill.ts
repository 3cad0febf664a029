import { billRow, fenFromBill, splitLines, readRows, cellsByName } from "../bill";
import type { BillRow } from "../payment-channel";

/**
 * WeChat Pay's trade bill (`bill_type=ALL`): a line of names, a line a payment or refund with a backtick before each cell,
 * then the sums. A refund stands on the day on which it was accepted, in the state that it had at the end of it. Source: the
 * public document on the format of trade bills.
 */
export function parseWechatBill(text: string): BillRow[] | undefined {
	const [names = "", ...lines] = splitLines(text);
	const end = lines.findIndex(line => line.startsWith("总交易单数"));
	if (!names.startsWith("交易时间,") || end < 0) return undefined; // cut off, or no bill at all
	const cells = lines.slice(0, end).map(line => line.replace(/^`/, "").split(",`"));
	const table = cellsByName(names.split(","), cells);
	return table && readRows(table, rowOf);
}

/** Refunds that paid nothing out. */
const FAILED = new Set(["FAIL", "CLOSED"]);

function rowOf(cells: ReadonlyMap<string, string>): BillRow | "skip" | undefined {
	const paymentNo = cells.get("商户订单号");
	switch (cells.get("交易状态")) {
		case "SUCCESS":
			return billRow("payment", paymentNo, null, fenFromBill(cells.get("订单金额")));
		case "REFUND":
		case "REVOKED": // a payment by card code that was taken back
			if (FAILED.has(cells.get("退款状态") ?? "")) return "skip";
			return billRow(
				"refund",
				paymentNo,
				cells.get("商户退款单号") || null,
				fenFromBill(cells.get("申请退款金额"))
			);
		default:
			return undefined;
	}
}
