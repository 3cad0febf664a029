import type { Decision, Trade, TradeRefund } from "./trade-store";

/** A trade as the merchant orders it. */
export type NewTrade = Pick<
	Trade,
	| "paymentNo"
	| "channel"
	| "total"
	| "description"
	| "notifyUrl"
	| "returnUrl"
	| "tradeType"
	| "openid"
	| "createdAt"
	| "expiresAt"
>;

/** Idempotent by payment number: the same request again changes nothing, another amount is refused. */
export function place(
	trade: Trade | undefined,
	request: NewTrade
): Decision<"placed" | "again" | "different" | "paid" | "closed"> {
	if (!trade)
		return { result: "placed", trade: { ...request, status: "unseen", paidAt: null, refunds: [] } };
	if (trade.status === "paid" || trade.status === "closed") return { result: trade.status };
	return { result: trade.total === request.total ? "again" : "different" };
}

export function openCashier(trade: Trade | undefined, now: Date): Decision<Trade | undefined> {
	if (trade?.status !== "unseen" || isExpired(trade, now)) return { result: trade };
	const seen: Trade = { ...trade, status: "waiting" };
	return { result: seen, trade: seen };
}

export function close(trade: Trade | undefined): Decision<"closed" | "not_found" | "paid" | "closed_before"> {
	if (!trade) return { result: "not_found" };
	if (trade.status === "paid") return { result: "paid" };
	if (trade.status === "closed") return { result: "closed_before" };
	return { result: "closed", trade: { ...trade, status: "closed" } };
}

export type PayOutcome =
	{ outcome: "paid" | "again"; trade: Trade } | { outcome: "failed" | "not_found" | "closed" | "expired" };

/** A failed payment leaves the trade payable. */
export function pay(trade: Trade | undefined, outcome: "success" | "fail", now: Date): Decision<PayOutcome> {
	if (!trade) return { result: { outcome: "not_found" } };
	if (trade.status === "paid") return { result: { outcome: "again", trade } };
	if (trade.status === "closed") return { result: { outcome: "closed" } };
	if (isExpired(trade, now)) return { result: { outcome: "expired" } };
	if (outcome === "fail") return { result: { outcome: "failed" }, trade: { ...trade, status: "waiting" } };
	const paid: Trade = { ...trade, status: "paid", paidAt: now };
	return { result: { outcome: "paid", trade: paid }, trade: paid };
}

export type RefundOutcome =
	| { outcome: "refunded" | "again"; trade: Trade; refund: TradeRefund }
	| { outcome: "not_found" | "not_paid" | "different" | "exceeds" };

/** Idempotent by refund number: the same refund again moves no money, another amount is refused. */
export function refund(trade: Trade | undefined, request: TradeRefund): Decision<RefundOutcome> {
	if (!trade) return { result: { outcome: "not_found" } };
	if (trade.status !== "paid") return { result: { outcome: "not_paid" } };
	const before = findRefund(trade, request.refundNo);
	if (before)
		return before.amount === request.amount
			? { result: { outcome: "again", trade, refund: before } }
			: { result: { outcome: "different" } };
	if (sumRefunds(trade) + request.amount > trade.total) return { result: { outcome: "exceeds" } };
	const after = { ...trade, refunds: [...trade.refunds, request] };
	return { result: { outcome: "refunded", trade: after, refund: request }, trade: after };
}

export const findRefund = (trade: Trade | undefined, refundNo: string): TradeRefund | undefined =>
	trade?.refunds.find(refund => refund.refundNo === refundNo);

export const sumRefunds = ({ refunds }: Trade): number =>
	refunds.reduce((sum, { amount }) => sum + amount, 0);

export const isExpired = ({ status, expiresAt }: Trade, now: Date): boolean =>
	(status === "unseen" || status === "waiting") && now > expiresAt;
