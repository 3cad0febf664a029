import { invalid, Refusal } from "../../schemas/errors";
import { fact } from "../../schemas/registry";
import type { RefundResult } from "./channels/channel";
import { nextAsk, refundable, type Payment, type Refund } from "./payment.domain";
import type { Desk } from "./settlement";

/**
 * Sends money back under a number of its own: claimed, counted against what was paid, asked of the channel, and done when
 * the channel says so. Repeated with the same number it goes on where it stood. Refuses with REFUND_EXCEEDS_PAID.
 */
export async function refund(
	desk: Desk,
	payment: Payment,
	{ refundNo, amount, reason }: { refundNo: string; amount: number; reason: string }
): Promise<Refund> {
	const now = new Date();
	const { _id: paymentId, orderId } = payment;
	const claim: Refund = {
		_id: refundNo,
		paymentId,
		orderId,
		amount,
		reason,
		status: "requested",
		cause: null,
		askAt: nextAsk(now, 0),
		asked: 0,
		createdAt: now
	};
	const claimed = await desk.refunds.insertOnce(claim, { _id: refundNo });
	if (claimed.amount !== amount) throw invalid("amount", "This refund was asked for with another amount");
	if (!(await count(desk, payment, claimed))) {
		await fail(desk, claimed, "REFUND_EXCEEDS_PAID", false);
		const { amount: asked } = claimed;
		throw new Refusal("REFUND_EXCEEDS_PAID", "More than is left of what was paid", {
			requested: asked,
			refundable: Math.max(0, refundable(await desk.payments.get(paymentId)))
		});
	}
	return send(desk, claimed);
}

/** Counts the refund against what was paid, once; false when that would be more than is left. */
async function count(desk: Desk, payment: Payment, { _id, amount }: Refund): Promise<boolean> {
	const paid = payment.paidAmount ?? 0;
	const counted = await desk.payments.change(
		{ _id: payment._id, refundReserved: { $lte: paid - amount }, refundIds: { $ne: _id } },
		{ $inc: { refundReserved: amount }, $push: { refundIds: _id } }
	);
	return counted !== null || (await desk.payments.get(payment._id)).refundIds.includes(_id);
}

/** Asks the channel to pay it out, under the same number however often. */
async function send(desk: Desk, claimed: Refund): Promise<Refund> {
	if (claimed.status !== "requested" && claimed.status !== "processing") return claimed;
	const payment = await desk.payments.get(claimed.paymentId);
	const channel = desk.channels.of(payment.channel);
	const order = {
		paymentNo: payment.paymentNo,
		refundNo: claimed._id,
		amount: claimed.amount,
		total: payment.paidAmount ?? payment.amount,
		reason: claimed.reason.slice(0, 80)
	};
	const answer =
		claimed.status === "processing" ? await channel.queryRefund(order) : await channel.refund(order);
	// It never heard of it: the request was lost, and is made again under the same number.
	const settled = answer.outcome === "not_found" ? await channel.refund(order) : answer;
	await take(desk, payment, claimed, settled);
	return desk.refunds.get(claimed._id);
}

async function take(desk: Desk, payment: Payment, claimed: Refund, answer: RefundResult): Promise<void> {
	switch (answer.outcome) {
		case "refunded":
			return finish(desk, payment, claimed);
		case "closed":
			return fail(desk, claimed, "The channel closed it without paying it out");
		case "refused":
			return fail(desk, claimed, `${answer.code} ${answer.message}`);
		case "abnormal":
			desk.logger.error({ refundNo: claimed._id }, "A refund needs a person at the channel");
			break;
		case "processing":
		case "not_found":
		case "unknown":
	}
	await desk.refunds.change({ _id: claimed._id, status: "requested" }, { $set: { status: "processing" } });
}

/** The money is back: first the payment's sum, keyed by the refund, then the refund with the news. */
async function finish(
	desk: Desk,
	{ _id, orderId, paidAmount }: Payment,
	{ _id: refundNo, amount, reason }: Refund
): Promise<void> {
	await desk.payments.change(
		{ _id, refundedIds: { $ne: refundNo } },
		{ $inc: { refunded: amount }, $push: { refundedIds: refundNo } }
	);
	const paid = paidAmount ?? 0;
	await desk.payments.change(
		{ _id, status: "succeeded", refunded: { $gte: paid } },
		{ $set: { status: "refunded" } }
	);
	const { refunded } = await desk.payments.get(_id);
	await desk.refunds.change(
		{ _id: refundNo, status: { $in: ["requested", "processing"] } },
		{ $set: { status: "succeeded" }, $unset: { askAt: "" } },
		[
			fact("payment.refunded", {
				paymentId: _id,
				orderId,
				refundId: refundNo,
				amount,
				refunded,
				paid,
				reason
			})
		]
	);
}

async function fail(
	desk: Desk,
	{ _id, paymentId, orderId, amount }: Refund,
	cause: string,
	counted = true
): Promise<void> {
	if (counted)
		await desk.payments.change(
			{ _id: paymentId, refundIds: _id, refundedIds: { $ne: _id } },
			{ $inc: { refundReserved: -amount }, $pull: { refundIds: _id } }
		);
	await desk.refunds.change(
		{ _id, status: { $in: ["requested", "processing"] } },
		{ $set: { status: "failed", cause }, $unset: { askAt: "" } },
		[fact("payment.refund_failed", { paymentId, orderId, refundId: _id, amount, reason: cause })]
	);
}

/** Goes on with a refund that a crash or the channel left unfinished; of several processes one does. */
export async function resume(desk: Desk, left: Refund, now = new Date()): Promise<void> {
	const mine = await desk.refunds.change(
		{ _id: left._id, asked: left.asked, status: { $in: ["requested", "processing"] } },
		{ $set: { askAt: nextAsk(now, left.asked) }, $inc: { asked: 1 } }
	);
	if (!mine) return;
	if (await count(desk, await desk.payments.get(left.paymentId), left)) await send(desk, mine);
	else await fail(desk, left, "REFUND_EXCEEDS_PAID", false);
}
