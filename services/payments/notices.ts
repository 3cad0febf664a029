import { createHash } from "node:crypto";
import type { RawResponse } from "../../schemas/http.contract";
import type { ChannelName } from "../../schemas/payments.contract";
import { NoticeRejected, type Notice as News, type PaymentChannel, type Verdict } from "./channels/channel";
import { resume } from "./refunds";
import { ask, note, settle, type Desk } from "./settlement";

type Raw = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

/**
 * A notification of a channel: verified on its raw bytes, kept, compared, acted on, and only then acknowledged. Whatever
 * comes twice, late, forged or mismatched does no harm; what can't be stored now is asked for again.
 */
export async function receive(desk: Desk, name: ChannelName, { headers, body }: Raw): Promise<RawResponse> {
	const channel = desk.channels.of(name);
	try {
		return acknowledged(channel, await judge(desk, name, channel, Buffer.from(body, "base64"), headers));
	} catch (err) {
		desk.logger.error({ err, channel: name }, "A notification could not be taken in");
		return acknowledged(channel, "unavailable");
	}
}

function acknowledged(channel: PaymentChannel, verdict: Verdict): RawResponse {
	const { status, contentType, body } = channel.acknowledge(verdict);
	return { status, headers: { "Content-Type": contentType }, body: Buffer.from(body).toString("base64") };
}

async function judge(
	desk: Desk,
	name: ChannelName,
	channel: PaymentChannel,
	raw: Buffer,
	headers: Raw["headers"]
): Promise<Verdict> {
	let news: News;
	try {
		news = channel.parseNotice(raw, headers);
	} catch (err) {
		if (!(err instanceof NoticeRejected)) throw err;
		if (err.reason !== "anomaly") {
			desk.logger.warn({ channel: name, reason: err.reason }, "A notification was rejected");
			return "rejected";
		}
		const digest = createHash("sha256").update(raw).digest("hex");
		await keep(desk, name, digest, null, `anomaly: ${err.message}`, raw);
		return "ok";
	}
	const { paymentNo } = news;
	const payment = await desk.payments.findOne({ paymentNo });
	await keep(desk, name, news.eventId, paymentNo, payment ? news.kind : "orphan", raw);
	if (!payment || payment.channel !== name) {
		desk.logger.error({ channel: name, paymentNo }, "A notification for a payment that is not ours");
		return "ok";
	}
	if (news.kind === "refund") {
		const refund = await desk.refunds.findOne({ _id: news.refundNo });
		// The channel is asked: a notice tells that there is news, the answer what it is.
		if (refund?.paymentId === payment._id) await resume(desk, refund);
		return "ok";
	}
	if (news.outcome !== "paid" || !news.paidAt) return "ok";
	const { amount, currency, channelTxnId, paidAt } = news;
	if (amount === payment.amount && currency === payment.currency) {
		await settle(desk, payment, { amount, currency, channelTxnId, paidAt });
		return "ok";
	}
	await note(
		desk,
		payment,
		`A notice tells of ${amount} ${currency} instead of ${payment.amount} ${payment.currency}`
	);
	await ask(desk, payment);
	return "ok";
}

async function keep(
	desk: Desk,
	channel: ChannelName,
	eventId: string,
	paymentNo: string | null,
	verdict: string,
	raw: Buffer
): Promise<void> {
	const _id = `${channel}:${eventId}`;
	const notice = { _id, channel, paymentNo, verdict, body: raw.toString("utf8"), at: new Date() };
	await desk.notices.insertOnce(notice, { _id });
}
