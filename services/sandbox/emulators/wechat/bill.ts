import { createHash } from "node:crypto";
import { isDay } from "../../../../schemas/values/calendar";
import { findMovements, parseTicket, formatTicket, type Movement } from "../movements";
import type { Trade, TradeStore } from "../trade-store";
import { formatYuan } from "../yuan";
import { ApiError, formatPlatformTime } from "./platform";
import { buildRefundId, buildTransactionId } from "./views";

const BYTE_ORDER_MARK = "\uFEFF"; // The real file begins with one.
const NAMES =
	"交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类," +
	"应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包," +
	"手续费,费率,订单金额,申请退款金额,费率备注";
const SUMS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

const joinCells = (cells: readonly string[]) => cells.map(cell => `\`${cell}`).join(",");

/** Builds the platform's file of a day's trades. */
function buildBill(movements: readonly Movement[], merchant: { appId: string; merchantId: string }): string {
	const total = (kind: Movement["kind"]) =>
		movements.reduce((sum, movement) => sum + (movement.kind === kind ? amountOf(movement) : 0), 0);
	const [paid, refunded] = [formatYuan(total("payment")), formatYuan(total("refund"))];
	return [
		BYTE_ORDER_MARK + NAMES,
		...movements.map(movement => joinCells(buildCells(movement, merchant))),
		SUMS,
		joinCells([String(movements.length), paid, refunded, "0.00", "0.00000", paid, refunded]),
		""
	].join("\r\n");
}

const amountOf = (movement: Movement) =>
	movement.kind === "payment" ? movement.trade.total : movement.refund.amount;

function buildCells(
	movement: Movement,
	{ appId, merchantId }: { appId: string; merchantId: string }
): string[] {
	const { trade, at } = movement;
	const start = [formatPlatformTime(at).slice(0, 19).replace("T", " "), appId, merchantId, "0", ""];
	return [
		...start,
		buildTransactionId(trade.paymentNo),
		trade.paymentNo,
		"sandbox-buyer",
		"NATIVE",
		...buildAmountCells(movement)
	];
}

function buildAmountCells(movement: Movement): string[] {
	const end = (trade: Trade) => [trade.description, "", "0.00000", "0.60%"];
	if (movement.kind === "payment") {
		const total = formatYuan(movement.trade.total);
		const none = ["0", "0", "0.00", "0.00", "", ""];
		return [
			"SUCCESS",
			"OTHERS",
			"CNY",
			total,
			"0.00",
			...none,
			...end(movement.trade),
			total,
			"0.00",
			""
		];
	}
	const { refundNo, amount } = movement.refund;
	const back = [buildRefundId(refundNo), refundNo, formatYuan(amount), "0.00", "ORIGINAL", "SUCCESS"];
	return [
		"REFUND",
		"OTHERS",
		"CNY",
		"0.00",
		"0.00",
		...back,
		...end(movement.trade),
		"0.00",
		formatYuan(amount),
		""
	];
}

type Platform = {
	readonly trades: TradeStore;
	readonly clock: () => Date;
	readonly baseUrl: () => string;
	readonly appId: string;
	readonly merchantId: string;
};
export const BILL_FILE_PATH = "/v3/billdownload/file";

/** Answers the address of a day's bill, and the hash of the file. */
export async function announceBill(query: string, platform: Platform) {
	const params = new URLSearchParams(query);
	const date = params.get("bill_date") ?? "";
	if (!isDay(date) || (params.get("bill_type") ?? "ALL") !== "ALL")
		throw new ApiError(400, "PARAM_ERROR", "bill_date or bill_type is invalid");
	const ticket = { date, until: platform.clock() };
	const movements = await findMovements(platform.trades, "wechat", ticket);
	if (movements.length === 0) throw new ApiError(400, "NO_STATEMENT_EXIST", "Nothing moved that day");
	return {
		hash_type: "SHA1",
		hash_value: createHash("sha1").update(buildBill(movements, platform)).digest("hex"),
		download_url: `${platform.baseUrl()}${BILL_FILE_PATH}?token=${formatTicket(ticket)}`
	};
}

export async function buildBillFile(query: string, platform: Platform): Promise<string> {
	const ticket = parseTicket(new URLSearchParams(query).get("token") ?? "");
	if (!ticket) throw new ApiError(400, "INVALID_REQUEST", "The token is unknown or over");
	return buildBill(await findMovements(platform.trades, "wechat", ticket), platform);
}
