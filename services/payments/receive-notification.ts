import { createHash } from "node:crypto";
import type { ChannelName, NoticeAnswer, Oddity } from "../../schemas/payments.contract";
import {
	NoticeRejected,
	type Notice as News,
	type PaymentChannel,
	type Verdict
} from "./channels/payment-channel";
import { resume, revisit } from "./refunds/refund";
import type { Payment } from "./payment.domain";
import { ask, note, settle, type Desk, type Notice } from "./settle-payment";

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
export async function receive(desk: Desk, name: ChannelName, { headers, body }: Raw): Promise<NoticeAnswer> {
	const channel = desk.channels.of(name);
	try {
		return acknowledged(channel, await judge(desk, name, channel, Buffer.from(body, "base64"), headers));
	} catch (err) {
		desk.logger.error({ err, channel: name }, "A notification could not be taken in");
		return acknowledged(channel, { verdict: "unavailable", odd: null });
	}
}

function acknowledged(channel: PaymentChannel, { verdict, odd }: Judgement): NoticeAnswer {
	const { status, contentType, body } = channel.acknowledge(verdict);
	return {
		status,
		headers: { "Content-Type": contentType },
		body: Buffer.from(body).toString("base64"),
		odd
	};
}

async function judge(
	desk: Desk,
	name: ChannelName,
	channel: PaymentChannel,
	raw: Buffer,
	headers: Raw["headers"]
): Promise<Judgement> {
	let news: News;
	try {
		if (!KIND[name].test(headers["content-type"] ?? ""))
			throw new NoticeRejected("malformed", "Another content type");
		news = channel.parseNotice(raw, headers);
	} catch (err) {
		if (!(err instanceof NoticeRejected)) throw err;
		return reject(desk, name, err, raw);
	}
	const { eventId, paymentNo, kind, amount, currency, channelTxnId } = news;
	const payment = await ours(desk, name, paymentNo);
	if (!payment) {
		const what = `No payment here: ${amount} ${currency}, transaction ${channelTxnId}`;
		await keep(desk, name, eventId, { paymentNo, verdict: "odd", what }, raw);
		return { verdict: "ok", odd: "unknown_payment" };
	}
	if (news.kind === "refund") {
		const { refundNo } = news;
		const refund = await desk.refunds.findOne({ _id: refundNo });
		if (refund?.paymentId !== payment._id) {
			const what = `The shop did not ask for this refund: ${refundNo}`;
			await keep(desk, name, eventId, { paymentNo, verdict: "odd", what }, raw);
			return { verdict: "ok", odd: "unknown_refund" };
		}
		await keep(desk, name, eventId, { paymentNo, verdict: kind }, raw);
		// The channel is asked: a notice tells that there is news, the answer what it is.
		if (refund.status !== "failed") await resume(desk, refund);
		else if ((await revisit(desk, refund)).status === "failed" && news.outcome === "refunded")
			await note(desk, payment, `A notice tells that refund ${refundNo} was paid out, which failed`);
		return FINE;
	}
	if (amount !== payment.amount || currency !== payment.currency) {
		const what = `A notice tells of ${amount} ${currency} instead of ${payment.amount} ${payment.currency}`;
		await keep(desk, name, eventId, { paymentNo, verdict: "odd", what }, raw);
		await doubt(desk, payment, what);
		return { verdict: "ok", odd: "wrong_amount" };
	}
	await keep(desk, name, eventId, { paymentNo, verdict: kind }, raw);
	if (news.outcome === "paid" && news.paidAt)
		await settle(desk, payment, { amount, currency, channelTxnId, paidAt: news.paidAt });
	return FINE;
}

/** What bears the channel's signature is kept for a person; the rest anyone can send, and is forgotten. */
async function reject(
	desk: Desk,
	name: ChannelName,
	{ reason, message, paymentNo }: NoticeRejected,
	raw: Buffer
): Promise<Judgement> {
	if (reason !== "anomaly" && reason !== "decryption") {
		desk.logger.warn({ channel: name, reason }, "A notification was rejected");
		return { verdict: "rejected", odd: reason };
	}
	const digest = createHash("sha256").update(raw).digest("hex");
	await keep(desk, name, digest, { paymentNo, verdict: "odd", what: message }, raw);
	const payment = await ours(desk, name, paymentNo);
	if (payment) await doubt(desk, payment, `A notice that can't be right: ${message}`);
	return { verdict: reason === "anomaly" ? "ok" : "rejected", odd: reason };
}

async function ours(desk: Desk, name: ChannelName, paymentNo: string | null): Promise<Payment | null> {
	const payment = paymentNo === null ? null : await desk.payments.findOne({ paymentNo });
	return payment?.channel === name ? payment : null;
}

/** A person has to see it, and the channel's own answer counts. */
async function doubt(desk: Desk, payment: Payment, what: string): Promise<void> {
	await note(desk, payment, what);
	await ask(desk, payment);
}

async function keep(
	desk: Desk,
	channel: ChannelName,
	eventId: string,
	judged: Pick<Notice, "paymentNo" | "verdict" | "what">,
	raw: Buffer
): Promise<void> {
	const _id = `${channel}:${eventId}`;
	const { paymentNo, verdict, what } = judged;
	const fresh = { _id, channel, ...judged, body: raw.toString("utf8"), at: new Date() };
	const kept = await desk.notices.insertOnce(fresh, { _id });
	// Channels repeat them, and anyone can send one again: a person is told once.
	if (verdict === "odd" && kept === fresh)
		desk.logger.error({ channel, paymentNo, what }, "A notification needs a person");
}
