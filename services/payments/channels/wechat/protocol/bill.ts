import { toBillRow, parseBillAmount, splitLines, readRows, nameCells } from "../../protocol/bill";
import type { BillRow } from "../../payment-channel";

/**
 * Parses WeChat Pay's trade bill (`bill_type=ALL`): a line of names, a line for each payment or refund with a backtick before
 * each cell, then the sums. A refund is listed on the day on which it was accepted, with its state at the end of that day.
 * Source: the public document on the format of trade bills.
 */
export function parseWechatBill(text: string): BillRow[] | undefined {
	const [names = "", ...lines] = splitLines(text);
	const end = lines.findIndex(line => line.startsWith("总交易单数"));
	if (!names.startsWith("交易时间,") || end < 0) return undefined; // truncated, or no bill at all
	const cells = lines.slice(0, end).map(line => line.replace(/^`/, "").split(",`"));
	const table = nameCells(names.split(","), cells);
	return table && readRows(table, rowOf);
}

/** States of refunds that were not paid out. */
const FAILED_REFUNDS = new Set(["FAIL", "CLOSED"]);

function rowOf(cells: ReadonlyMap<string, string>): BillRow | "skip" | undefined {
	const paymentNo = cells.get("商户订单号");
	switch (cells.get("交易状态")) {
		case "SUCCESS":
			return toBillRow("payment", paymentNo, null, parseBillAmount(cells.get("订单金额")));
		case "REFUND":
		case "REVOKED": // a payment by card code that was reversed
			if (FAILED_REFUNDS.has(cells.get("退款状态") ?? "")) return "skip";
			return toBillRow(
				"refund",
				paymentNo,
				cells.get("商户退款单号") || null,
				parseBillAmount(cells.get("申请退款金额"))
			);
		default:
			return undefined;
	}
}
