import { Refusal } from "../../../schemas/errors";
import { fact } from "../../../schemas/registry";
import type { PaymentChannel, RefundOrder, RefundResult } from "../channels/payment-channel";
import { isOrdersOwn, nextAsk, refundable, type Payment, type Refund } from "../payment.domain";
import { note, type Desk } from "../settle-payment";

/** Answers by which the channel has the refund in its books. */
const HAS_IT = ["refunded", "processing", "abnormal"] as const satisfies RefundResult["outcome"][];
export const EXCEEDS = "REFUND_EXCEEDS_PAID";

/**
 * Sends money back under a number of its own: claimed, counted against what was paid, asked of the channel, and done when
 * the channel says so. Repeated with the same number it goes on where it stood. Refuses with REFUND_EXCEEDS_PAID.
 */
export async function refund(
	desk: Desk,
	payment: Payment,
	{ refundNo, amount, reason, part }: Pick<Refund, "amount" | "reason" | "part"> & { refundNo: string }
): Promise<Refund> {
	const now = new Date();
	const { _id: paymentId, paymentNo, channel, orderId } = payment;
	const claim: Refund = {
		_id: refundNo,
		paymentId,
		paymentNo,
		channel,
		orderId,
		amount,
		reason,
		...(part && { part }),
		status: "requested",
		cause: null,
		askAt: nextAsk(now, 0),
		asked: 0,
		createdAt: now
	};
	const claimed = await desk.refunds.insertOnce(claim, { _id: refundNo });
	if (claimed.amount !== amount)
		throw new Refusal("IDEMPOTENCY_KEY_REUSED", "This refund was asked for with another amount");
	const done = await proceed(desk, claimed);
	if (done.cause === EXCEEDS)
		throw new Refusal(EXCEEDS, "More than is left of what was paid", {
			requested: amount,
			refundable: Math.max(0, refundable(await desk.payments.get(paymentId)))
		});
	return done;
}

const OPEN = ["requested", "processing"] as const;
const isOpen = ({ status }: Refund) => OPEN.some(open => open === status);

/** Does what is left to do of a refund. */
async function proceed(desk: Desk, claimed: Refund): Promise<Refund> {
	if (!isOpen(claimed)) return claimed;
	const payment = await desk.payments.get(claimed.paymentId);
	if (claimed.cause !== null) await fail(desk, payment, claimed, claimed.cause);
	else if (await count(desk, payment, claimed)) await send(desk, payment, claimed);
	else await turnDown(desk, claimed);
	return desk.refunds.get(claimed._id);
}

/** Counts the refund against what was paid, once; false when that would be more than is left. */
async function count(desk: Desk, payment: Payment, { _id, amount, part }: Refund): Promise<boolean> {
	const paid = payment.paidAmount ?? 0;
	const left = {
		refundReserved: { $lte: paid - amount },
		...(part && { refundUnits: { $nin: part.units } })
	};
	const counted = await desk.payments.change(
		{ _id: payment._id, refundIds: { $ne: _id }, ...left },
		{
			$inc: { refundReserved: amount },
			$push: { refundIds: _id, ...(part && { refundUnits: { $each: part.units } }) }
		}
	);
	return counted !== null || (await desk.payments.get(payment._id)).refundIds.includes(_id);
}

/** Asks the channel to pay it out, under the same number however often. */
async function send(desk: Desk, payment: Payment, claimed: Refund): Promise<void> {
	if (claimed.amount === 0) return finish(desk, payment, claimed);
	const channel = desk.channels.of(payment.channel);
	const order = {
		paymentNo: payment.paymentNo,
		refundNo: claimed._id,
		amount: claimed.amount,
		total: payment.paidAmount ?? payment.amount,
		reason: claimed.reason.slice(0, 80).toWellFormed()
	};
	let answer = claimed.status === "processing" ? await channel.queryRefund(order) : null;
	// A no to the question is none to the refund: it may be paid out all the same.
	if (answer?.outcome === "refused") answer = null;
	// It never heard of it: the request was lost, and is made again under the same number.
	else if (!answer || answer.outcome === "not_found")
		answer = (await mayAsk(desk, payment, claimed)) ? await requested(channel, order) : null;
	if (answer) await take(desk, payment, claimed, answer);
}

/** Keeps the pause that the channel wants between two refunds of a payment: who comes too early is asked for after it. */
async function mayAsk(desk: Desk, { _id, channel }: Payment, { _id: refundNo }: Refund): Promise<boolean> {
	const { refundPauseMs } = desk.channels.of(channel);
	if (refundPauseMs === 0) return true;
	const now = Date.now();
	const before = { $lte: new Date(now - refundPauseMs) };
	const mine = await desk.payments.change(
		{ _id, $or: [{ refundAskedAt: { $exists: false } }, { refundAskedAt: before }] },
		{ $set: { refundAskedAt: new Date(now) } }
	);
	if (mine) return true;
	const askAt = new Date(now + refundPauseMs);
	await desk.refunds.change({ _id: refundNo, status: { $in: OPEN } }, { $set: { askAt } });
	return false;
}

/** A no may come to a request that was repeated: then what became of the first one counts. */
async function requested(channel: PaymentChannel, order: RefundOrder): Promise<RefundResult> {
	const answer = await channel.refund(order);
	if (answer.outcome !== "refused") return answer;
	const known = await channel.queryRefund(order);
	return known.outcome === "not_found" || known.outcome === "refused" ? answer : known;
}

async function take(desk: Desk, payment: Payment, claimed: Refund, answer: RefundResult): Promise<void> {
	if (HAS_IT.some(outcome => outcome === answer.outcome))
		await desk.refunds.change(
			{ _id: claimed._id, acceptedAt: { $exists: false } },
			{ $set: { acceptedAt: new Date() } }
		);
	switch (answer.outcome) {
		case "refunded":
			return finish(desk, payment, claimed);
		case "closed":
			return fail(desk, payment, claimed, "The channel closed it without paying it out");
		case "refused":
			return fail(desk, payment, claimed, `${answer.code} ${answer.message}`);
		case "abnormal":
			await note(desk, payment, `Refund ${claimed._id} needs a person at the channel`);
			break;
		case "processing":
		case "not_found":
		case "unknown":
	}
	await desk.refunds.change({ _id: claimed._id, status: "requested" }, { $set: { status: "processing" } });
}

/**
 * The money is back: first the payment's sum, keyed by the refund, then the refund with the news. That also counts for one
 * that had failed: a try that the channel was slow with may be paid out after a later one was refused.
 */
async function finish(desk: Desk, payment: Payment, done: Refund): Promise<void> {
	const { _id, orderId, paidAmount } = payment;
	const { _id: refundNo, amount, reason, part } = done;
	await desk.payments.change(
		{ _id, refundIds: refundNo, refundedIds: { $ne: refundNo } },
		{ $inc: { refunded: amount }, $push: { refundedIds: refundNo } }
	);
	const late = await desk.payments.change(
		{ _id, refundIds: { $ne: refundNo }, refundedIds: { $ne: refundNo } },
		{
			$inc: { refunded: amount, refundReserved: amount },
			$push: {
				refundedIds: refundNo,
				refundIds: refundNo,
				...(part && { refundUnits: { $each: part.units } })
			}
		}
	);
	if (late) await note(desk, payment, `Refund ${refundNo} was paid out after it had failed`);
	const paid = paidAmount ?? 0;
	await desk.payments.change(
		{ _id, status: "succeeded", refunded: { $gte: paid } },
		{ $set: { status: "refunded" } }
	);
	const { refunded } = await desk.payments.get(_id);
	await desk.refunds.change(
		{ _id: refundNo, status: { $ne: "succeeded" } },
		{ $set: { status: "succeeded", cause: null }, $unset: { askAt: "" } },
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

/** More than was left when it was to be counted. Nothing was begun, so nobody is told: its caller hears of it. */
async function turnDown(desk: Desk, { _id }: Refund): Promise<void> {
	await desk.refunds.change(
		{ _id, status: { $in: OPEN } },
		{ $set: { status: "failed", cause: EXCEEDS }, $unset: { askAt: "" } }
	);
}

/** The channel won't pay it out. The cause is noted first: after a crash the failing goes on, and nothing is asked again. */
async function fail(
	desk: Desk,
	payment: Payment,
	{ _id, paymentId, orderId, amount, part }: Refund,
	cause: string
): Promise<void> {
	const called = isOrdersOwn(payment, _id);
	const open = { _id, status: { $in: OPEN } };
	await desk.refunds.change(open, { $set: { cause } });
	await desk.payments.change(
		{ _id: paymentId, refundIds: _id, refundedIds: { $ne: _id } },
		{
			$inc: { refundReserved: -amount },
			$pull: { refundIds: _id, ...(part && { refundUnits: { $in: part.units } }) }
		}
	);
	await note(desk, payment, `Refund ${_id} failed: ${cause}`);
	await desk.refunds.change(open, { $set: { status: "failed" }, $unset: { askAt: "" } }, [
		fact("payment.refund_failed", {
			paymentId,
			orderId,
			refundId: _id,
			amount,
			reason: cause,
			called
		})
	]);
}

/** Goes on with a refund that a crash or the channel left unfinished; of several processes one does. */
export async function resume(desk: Desk, left: Refund, now = new Date()): Promise<void> {
	const mine = await desk.refunds.change(
		{ _id: left._id, asked: left.asked, status: { $in: OPEN } },
		{ $set: { askAt: nextAsk(now, left.asked) }, $inc: { asked: 1 } }
	);
	if (mine) await proceed(desk, mine);
}

/** Asks what became of a refund that failed, since the channel has news of it; answers the refund as it is then. */
export async function revisit(desk: Desk, failed: Refund): Promise<Refund> {
	const { _id, paymentId, paymentNo } = failed;
	const answer = await desk.channels.of(failed.channel).queryRefund({ paymentNo, refundNo: _id });
	if (answer.outcome === "refunded") await take(desk, await desk.payments.get(paymentId), failed, answer);
	return desk.refunds.get(_id);
}
