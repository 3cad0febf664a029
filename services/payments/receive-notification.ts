import { logError } from "../../mixins/platform";
import { createHash } from "node:crypto";
import type { RawResponse } from "../../schemas/http.contract";
import type { ChannelName, UnmatchedReason } from "../../schemas/payments.contract";
import {
	NotificationRejected,
	type ChannelNotification,
	type PaymentChannel,
	type PaymentNotification,
	type RefundNotification,
	type Verdict
} from "./channels/payment-channel";
import { markPaid } from "./mark-payment";
import type { Payment } from "./payment.domain";
import type { PaymentsContext } from "./payments.context";
import { recordAnomaly } from "./record-anomaly";
import { pollChannel } from "./poll-channel";
import { continueRefund, recheckFailedRefund } from "./refunds/refund-payment";
import { storeMatched, storeUnmatched, type Incoming } from "./store-notification";

/** The content types that the channels send. A notification of another type is rejected, whatever its body says. */
const CONTENT_TYPES: Record<ChannelName, RegExp> = {
	alipay: /^application\/x-www-form-urlencoded\s*(;|$)/i,
	wechat: /^application\/json\s*(;|$)/i
};

type Judgement = { readonly verdict: Verdict; readonly unmatched: UnmatchedReason | null };
const ACCEPTED: Judgement = { verdict: "ok", unmatched: null };

/**
 * Receives a channel's notification: verifies its raw bytes, stores it, compares it with the payment, acts on it, and only
 * then acknowledges it. Repeated, late, forged or mismatched notifications do no harm. One that can't be stored now is
 * answered such that the channel sends it again.
 */
export async function receiveNotification(
	context: PaymentsContext,
	name: ChannelName,
	{ headers, body }: { readonly headers: Incoming["headers"]; readonly body: string }
): Promise<RawResponse> {
	const channel = context.channels.of(name);
	try {
		const incoming = { channel: name, headers, body: Buffer.from(body, "base64") };
		const { verdict, unmatched } = await processNotification(context, incoming);
		if (unmatched) context.metrics.unmatchedNotifications({ channel: name, reason: unmatched });
		return toResponse(channel, verdict);
	} catch (err) {
		logError(context.logger, "NOTIFICATION_FAILED", { err, channel: name });
		return toResponse(channel, "unavailable");
	}
}

function toResponse(channel: PaymentChannel, verdict: Verdict): RawResponse {
	const { status, contentType, body } = channel.acknowledge(verdict);
	return {
		status,
		headers: { "Content-Type": contentType },
		body: Buffer.from(body).toString("base64")
	};
}

async function processNotification(context: PaymentsContext, incoming: Incoming): Promise<Judgement> {
	const notification = parseNotification(context, incoming);
	if (notification instanceof NotificationRejected) return reject(context, incoming, notification);
	const payment = await findPayment(context, incoming.channel, notification.paymentNo);
	if (!payment) {
		const { amount, currency, channelTxnId } = notification;
		const reason = `No payment here: ${amount} ${currency}, transaction ${channelTxnId}`;
		await storeUnmatched(context, incoming, notification, reason);
		return { verdict: "ok", unmatched: "unknown_payment" };
	}
	return notification.kind === "refund"
		? applyRefundNotification(context, incoming, payment, notification)
		: applyPaymentNotification(context, incoming, payment, notification);
}

function parseNotification(
	{ channels }: PaymentsContext,
	{ channel, headers, body }: Incoming
): ChannelNotification | NotificationRejected {
	if (!CONTENT_TYPES[channel].test(headers["content-type"] ?? ""))
		return new NotificationRejected("malformed", "Another content type");
	try {
		return channels.of(channel).parseNotification(body, headers);
	} catch (err) {
		if (err instanceof NotificationRejected) return err;
		throw err;
	}
}

async function applyPaymentNotification(
	context: PaymentsContext,
	incoming: Incoming,
	payment: Payment,
	notification: PaymentNotification
): Promise<Judgement> {
	const { amount, currency, channelTxnId, outcome, paidAt } = notification;
	if (amount !== payment.amount || currency !== payment.currency)
		return applyWrongAmount(context, incoming, payment, notification);
	await storeMatched(context, incoming, notification);
	if (outcome === "paid" && paidAt)
		await markPaid(context, payment, { amount, currency, channelTxnId, paidAt });
	return ACCEPTED;
}

async function applyWrongAmount(
	context: PaymentsContext,
	incoming: Incoming,
	payment: Payment,
	notification: PaymentNotification
): Promise<Judgement> {
	const { amount, currency } = notification;
	const reason = `A notification tells of ${amount} ${currency} instead of ${payment.amount} ${payment.currency}`;
	await storeUnmatched(context, incoming, notification, reason);
	await recordAndPoll(context, payment, reason);
	return { verdict: "ok", unmatched: "wrong_amount" };
}

/** The notification only says that the refund has changed: the channel is asked what became of the refund, and its answer is applied. */
async function applyRefundNotification(
	context: PaymentsContext,
	incoming: Incoming,
	payment: Payment,
	notification: RefundNotification
): Promise<Judgement> {
	const { refundNo, outcome } = notification;
	const refund = await context.refunds.findOne({ _id: refundNo });
	if (refund?.paymentId !== payment._id) {
		const reason = `The shop did not ask for this refund: ${refundNo}`;
		await storeUnmatched(context, incoming, notification, reason);
		return { verdict: "ok", unmatched: "unknown_refund" };
	}
	await storeMatched(context, incoming, notification);
	if (refund.status !== "failed") {
		await continueRefund(context, refund);
		return ACCEPTED;
	}
	const { status } = await recheckFailedRefund(context, refund);
	if (status === "failed" && outcome === "refunded")
		await recordAnomaly(
			context,
			payment,
			`A notification tells that refund ${refundNo} was paid out, which failed`
		);
	return ACCEPTED;
}

/** Stores a rejected notification for staff if it bears the channel's signature. Anyone can send the others, so they are only logged. */
async function reject(
	context: PaymentsContext,
	incoming: Incoming,
	{ reason, message, paymentNo }: NotificationRejected
): Promise<Judgement> {
	const { channel, body } = incoming;
	if (reason !== "anomaly" && reason !== "decryption") {
		context.logger.warn({ channel, reason }, "A notification was rejected");
		return { verdict: "rejected", unmatched: reason };
	}
	const eventId = createHash("sha256").update(body).digest("hex");
	await storeUnmatched(context, incoming, { eventId, paymentNo }, message);
	const payment = await findPayment(context, channel, paymentNo);
	if (payment) await recordAndPoll(context, payment, `A notification that can't be right: ${message}`);
	return { verdict: reason === "anomaly" ? "ok" : "rejected", unmatched: reason };
}

async function findPayment(
	{ payments }: PaymentsContext,
	channel: ChannelName,
	paymentNo: string | null
): Promise<Payment | null> {
	const payment = paymentNo === null ? null : await payments.findOne({ paymentNo });
	return payment?.channel === channel ? payment : null;
}

/** Shows staff what is wrong, and asks the channel, whose own answer counts. */
async function recordAndPoll(context: PaymentsContext, payment: Payment, reason: string): Promise<void> {
	await recordAnomaly(context, payment, reason);
	await pollChannel(context, payment);
}
