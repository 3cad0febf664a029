import type { Moved } from "./bill";
import type { Trade } from "./trade-book";
import { platformTime } from "./wechat.platform";
import { refundId, transactionId } from "./wechat.views";

const NAMES =
	"交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类," +
	"应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包," +
	"手续费,费率,订单金额,申请退款金额,费率备注";
const SUMS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

const yuan = (fen: number) => (fen / 100).toFixed(2);
const line = (cells: readonly string[]) => cells.map(cell => `\`${cell}`).join(",");

/** A day's trades as the platform's file has them. */
export function wechatBill(moved: readonly Moved[], merchant: { appId: string; merchantId: string }): string {
	const total = (kind: Moved["kind"]) =>
		moved.reduce((sum, move) => sum + (move.kind === kind ? amountOf(move) : 0), 0);
	const [paid, refunded] = [yuan(total("payment")), yuan(total("refund"))];
	return [
		NAMES,
		...moved.map(move => line(cellsOf(move, merchant))),
		SUMS,
		line([String(moved.length), paid, refunded, "0.00", "0.00000", paid, refunded]),
		""
	].join("\r\n");
}

const amountOf = (move: Moved) => (move.kind === "payment" ? move.trade.total : move.refund.amount);

function cellsOf(move: Moved, { appId, merchantId }: { appId: string; merchantId: string }): string[] {
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

function money(move: Moved): string[] {
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
