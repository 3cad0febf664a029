import { createHash } from "node:crypto";
import { isDay } from "../../../schemas/calendar";
import { movementsOn, ticketFrom, ticketText, type Movement } from "./bill";
import type { Trade, TradeStore } from "./trade-store";
import { ApiError, platformTime } from "./wechat.platform";
import { refundId, transactionId } from "./wechat.views";

const BYTE_ORDER_MARK = "\uFEFF"; // the real file begins with it, and merchants' tools cut it off unseen
const NAMES =
	"交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类," +
	"应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包," +
	"手续费,费率,订单金额,申请退款金额,费率备注";
const SUMS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

const yuan = (fen: number) => (fen / 100).toFixed(2);
const line = (cells: readonly string[]) => cells.map(cell => `\`${cell}`).join(",");

/** A day's trades as the platform's file has them. */
function wechatBill(moved: readonly Movement[], merchant: { appId: string; merchantId: string }): string {
	const total = (kind: Movement["kind"]) =>
		moved.reduce((sum, move) => sum + (move.kind === kind ? amountOf(move) : 0), 0);
	const [paid, refunded] = [yuan(total("payment")), yuan(total("refund"))];
	return [
		BYTE_ORDER_MARK + NAMES,
		...moved.map(move => line(cellsOf(move, merchant))),
		SUMS,
		line([String(moved.length), paid, refunded, "0.00", "0.00000", paid, refunded]),
		""
	].join("\r\n");
}

const amountOf = (move: Movement) => (move.kind === "payment" ? move.trade.total : move.refund.amount);

function cellsOf(move: Movement, { appId, merchantId }: { appId: string; merchantId: string }): string[] {
	const { trade, at } = move;
	const start = [platformTime(at).slice(0, 19).replace("T", " "), appId, merchantId, "0", ""];
	return [
		...start,
		transactionId(trade.paymentNo),
		trade.paymentNo,
		"sandbox-buyer",
		"NATIVE",
		...money(move)
	];
}

function money(move: Movement): string[] {
	const end = (trade: Trade) => [trade.description, "", "0.00000", "0.60%"];
	if (move.kind === "payment") {
		const total = yuan(move.trade.total);
		const none = ["0", "0", "0.00", "0.00", "", ""];
		return ["SUCCESS", "OTHERS", "CNY", total, "0.00", ...none, ...end(move.trade), total, "0.00", ""];
	}
	const { refundNo, amount } = move.refund;
	const back = [refundId(refundNo), refundNo, yuan(amount), "0.00", "ORIGINAL", "SUCCESS"];
	return ["REFUND", "OTHERS", "CNY", "0.00", "0.00", ...back, ...end(move.trade), "0.00", yuan(amount), ""];
}

type Platform = {
	readonly trades: TradeStore;
	readonly clock: () => Date;
	readonly baseUrl: () => string;
	readonly appId: string;
	readonly merchantId: string;
};
export const BILL_FILE = "/v3/billdownload/file";

/** Where a day's bill is, and what it must be. */
export async function announceBill(query: string, platform: Platform) {
	const params = new URLSearchParams(query);
	const date = params.get("bill_date") ?? "";
	if (!isDay(date) || (params.get("bill_type") ?? "ALL") !== "ALL")
		throw new ApiError(400, "PARAM_ERROR", "bill_date or bill_type is invalid");
	const ticket = { date, until: platform.clock() };
	const moved = await movementsOn(platform.trades, "wechat", ticket);
	if (moved.length === 0) throw new ApiError(400, "NO_STATEMENT_EXIST", "Nothing moved that day");
	return {
		hash_type: "SHA1",
		hash_value: createHash("sha1").update(wechatBill(moved, platform)).digest("hex"),
		download_url: `${platform.baseUrl()}${BILL_FILE}?token=${ticketText(ticket)}`
	};
}

export async function billFile(query: string, platform: Platform): Promise<string> {
	const ticket = ticketFrom(new URLSearchParams(query).get("token") ?? "");
	if (!ticket) throw new ApiError(400, "INVALID_REQUEST", "The token is unknown or over");
	return wechatBill(await movementsOn(platform.trades, "wechat", ticket), platform);
}
