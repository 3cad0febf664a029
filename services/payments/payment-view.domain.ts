import type {
	PaymentAdminView,
	PaymentSummary,
	PaymentView,
	RefundView
} from "../../schemas/payments.contract";
import type { Payment, Refund } from "./payment.domain";

export const toPaymentView = (payment: Payment): PaymentView => ({
	id: payment._id,
	paymentNo: payment.paymentNo,
	orderId: payment.orderId,
	channel: payment.channel,
	amount: payment.amount,
	currency: payment.currency,
	status: payment.status,
	action: payment.status === "pending" ? payment.action : null,
	paidAt: payment.paidAt?.toISOString() ?? null,
	refunded: payment.refunded,
	expiresAt: payment.expiresAt.toISOString(),
	createdAt: payment.createdAt.toISOString()
});

/** The payment as its buyer saw it right after it was created, whatever has become of it since. One of nothing was paid at once. */
export const toViewAtCreation = (payment: Payment): PaymentView => ({
	...toPaymentView(payment),
	refunded: 0,
	...(payment.action && { status: "pending", action: payment.action, paidAt: null })
});

export const toPaymentSummary = (payment: Payment): PaymentSummary => ({
	id: payment._id,
	paymentNo: payment.paymentNo,
	channel: payment.channel,
	status: payment.status,
	amount: payment.amount,
	refunded: payment.refunded,
	paidAt: payment.paidAt?.toISOString() ?? null
});

const toRefundView = (refund: Refund): RefundView => ({
	refundNo: refund._id,
	amount: refund.amount,
	items: [...(refund.part?.lines ?? [])],
	shipping: refund.part?.shipping ?? 0,
	status: refund.status,
	reason: refund.reason,
	failureReason: refund.failureReason,
	createdAt: refund.createdAt.toISOString()
});

export const toAdminView = (payment: Payment, refunds: readonly Refund[]): PaymentAdminView => ({
	...toPaymentView(payment),
	userId: payment.userId,
	orderNo: payment.orderNo,
	channelTxnId: payment.channelTxnId ?? null,
	paidAmount: payment.paidAmount,
	anomalies: payment.anomalies.map(({ at, reason }) => ({ at: at.toISOString(), reason })),
	refunds: refunds.map(toRefundView)
});
