import { createHash } from "node:crypto";
import type { ChannelName, NotificationAnswer, Oddity } from "../../schemas/payments.contract";
import {
	NotificationRejected,
	type ChannelNotification as News,
	type PaymentChannel,
	type Verdict
} from "./channels/payment-channel";
import { continueRefund, recheckFailedRefund } from "./refunds/refund-payment";
import type { Payment } from "./payment.domain";
import { recordAnomaly, markPaid } from "./mark-paid";
import type { PaymentsContext, StoredNotification } from "./payments.context";
import { pollChannel } from "./poll-channel";

/** What a channel's notifications are: another kind is not its, whatever stands in it. */
const KIND: Record<ChannelName, RegExp> = {
	alipay: /^application\/x-www-form-urlencoded\s*(;|$)/i,
	wechat: /^application\/json\s*(;|$)/i
};

type Judgement = { readonly verdict: Verdict; readonly odd: Oddity | null };
const FINE: Judgement = { verdict: "ok", odd: null };

type Raw = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

/**
 * A notification of a channel: verified on its raw bytes, kept, compared, acted on, and only then acknowledged. Whatever
 * comes twice, late, forged or mismatched does no harm; what can't be stored now is asked for again.
 */
export async function receiveNotification(
	context: PaymentsContext,
	name: ChannelName,
	{ headers, body }: Raw
): Promise<NotificationAnswer> {
	const channel = context.channels.of(name);
	try {
		return acknowledged(
			channel,
			await judge(context, name, channel, Buffer.from(body, "base64"), headers)
		);
	} catch (err) {
		context.logger.error({ err, channel: name }, "A notification could not be taken in");
		return acknowledged(channel, { verdict: "unavailable", odd: null });
	}
}

function acknowledged(channel: PaymentChannel, { verdict, odd }: Judgement): NotificationAnswer {
	const { status, contentType, body } = channel.acknowledge(verdict);
	return {
		status,
		headers: { "Content-Type": contentType },
		body: Buffer.from(body).toString("base64"),
		odd
	};
}

async function judge(
	context: PaymentsContext,
	name: ChannelName,
	channel: PaymentChannel,
	raw: Buffer,
	headers: Raw["headers"]
): Promise<Judgement> {
	let news: News;
	try {
		if (!KIND[name].test(headers["content-type"] ?? ""))
			throw new NotificationRejected("malformed", "Another content type");
		news = channel.parseNotification(raw, headers);
	} catch (err) {
		if (!(err instanceof NotificationRejected)) throw err;
		return reject(context, name, err, raw);
	}
	const { eventId, paymentNo, kind, amount, currency, channelTxnId } = news;
	const payment = await ours(context, name, paymentNo);
	if (!payment) {
		const what = `No payment here: ${amount} ${currency}, transaction ${channelTxnId}`;
		await keep(context, name, eventId, { paymentNo, verdict: "odd", what }, raw);
		return { verdict: "ok", odd: "unknown_payment" };
	}
	if (news.kind === "refund") {
		const { refundNo } = news;
		const refund = await context.refunds.findOne({ _id: refundNo });
		if (refund?.paymentId !== payment._id) {
			const what = `The shop did not ask for this refund: ${refundNo}`;
			await keep(context, name, eventId, { paymentNo, verdict: "odd", what }, raw);
			return { verdict: "ok", odd: "unknown_refund" };
		}
		await keep(context, name, eventId, { paymentNo, verdict: kind }, raw);
		// The channel is asked: a notice tells that there is news, the answer what it is.
		if (refund.status !== "failed") await continueRefund(context, refund);
		else if (
			(await recheckFailedRefund(context, refund)).status === "failed" &&
			news.outcome === "refunded"
		)
			await recordAnomaly(
				context,
				payment,
				`A notice tells that refund ${refundNo} was paid out, which failed`
			);
		return FINE;
	}
	if (amount !== payment.amount || currency !== payment.currency) {
		const what = `A notice tells of ${amount} ${currency} instead of ${payment.amount} ${payment.currency}`;
		await keep(context, name, eventId, { paymentNo, verdict: "odd", what }, raw);
		await doubt(context, payment, what);
		return { verdict: "ok", odd: "wrong_amount" };
	}
	await keep(context, name, eventId, { paymentNo, verdict: kind }, raw);
	if (news.outcome === "paid" && news.paidAt)
		await markPaid(context, payment, { amount, currency, channelTxnId, paidAt: news.paidAt });
	return FINE;
}

/** What bears the channel's signature is kept for a person; the rest anyone can send, and is forgotten. */
async function reject(
	context: PaymentsContext,
	name: ChannelName,
	{ reason, message, paymentNo }: NotificationRejected,
	raw: Buffer
): Promise<Judgement> {
	if (reason !== "anomaly" && reason !== "decryption") {
		context.logger.warn({ channel: name, reason }, "A notification was rejected");
		return { verdict: "rejected", odd: reason };
	}
	const digest = createHash("sha256").update(raw).digest("hex");
	await keep(context, name, digest, { paymentNo, verdict: "odd", what: message }, raw);
	const payment = await ours(context, name, paymentNo);
	if (payment) await doubt(context, payment, `A notice that can't be right: ${message}`);
	return { verdict: reason === "anomaly" ? "ok" : "rejected", odd: reason };
}

async function ours(
	context: PaymentsContext,
	name: ChannelName,
	paymentNo: string | null
): Promise<Payment | null> {
	const payment = paymentNo === null ? null : await context.payments.findOne({ paymentNo });
	return payment?.channel === name ? payment : null;
}

/** A person has to see it, and the channel's own answer counts. */
async function doubt(context: PaymentsContext, payment: Payment, what: string): Promise<void> {
	await recordAnomaly(context, payment, what);
	await pollChannel(context, payment);
}

async function keep(
	context: PaymentsContext,
	channel: ChannelName,
	eventId: string,
	judged: Pick<StoredNotification, "paymentNo" | "verdict" | "what">,
	raw: Buffer
): Promise<void> {
	const _id = `${channel}:${eventId}`;
	const { paymentNo, verdict, what } = judged;
	const fresh = { _id, channel, ...judged, body: raw.toString("utf8"), at: new Date() };
	const kept = await context.notifications.insertOnce(fresh, { _id });
	// Channels repeat them, and anyone can send one again: a person is told once.
	if (verdict === "odd" && kept === fresh)
		context.logger.error({ channel, paymentNo, what }, "A notification needs a person");
}
