import { ulid } from "ulid";
import { DuplicateKey } from "../../mixins/store.mixin";
import { invalid, Refusal } from "../../schemas/errors";
import type { ActionsOf, Ctx, PayloadOf } from "../../schemas/kit";
import type { payments } from "../../schemas/payments.contract";
import { call } from "../../schemas/registry";
import { channelDeadline, nextPaymentPollAt, paymentNoOf, type Payment } from "./payment.domain";
import { markPaid } from "./mark-paid";
import type { PaymentsContext } from "./payments.context";
import { voidPayment } from "./poll-channel";

type Wanted = PayloadOf<ActionsOf<typeof payments>["payments.create"]>;

/**
 * Begins to pay an order: the payment is written first, then the channel is asked. The last unpaid payment of the order
 * ends. The same key answers the same payment, and goes on where a crash or a silent channel left it.
 */
export async function createPayment(
	context: PaymentsContext,
	ctx: Ctx<unknown>,
	wanted: Wanted
): Promise<Payment> {
	const userId = ctx.meta.user?.id ?? "";
	const { key, orderId, channel, scene } = wanted;
	const before = await context.payments.findOne({ userId, key });
	if (before) return prepare(context, same(before, wanted));
	const order = await call(ctx, "orders.payable", { orderId, userId });
	const now = new Date();
	const expiresAt = order.expiresAt ? new Date(order.expiresAt) : now;
	if (order.status !== "pending_payment" || expiresAt <= now)
		throw new Refusal("INVALID_STATE", "The order does not wait for a payment", { status: order.status });
	const { maxAmount } = context.channels.of(channel);
	if (order.total > maxAmount) throw invalid("channel", "amountMax", maxAmount);
	const _id = ulid();
	const deadline = channelDeadline(expiresAt, now);
	const draft: Payment = {
		_id,
		paymentNo: paymentNoOf(_id),
		orderId,
		orderNo: order.orderNo,
		userId,
		key,
		channel,
		scene,
		amount: order.total,
		currency: order.currency,
		status: "pending",
		liveKey: orderId,
		action: null,
		clientIp: ctx.meta.ip ?? "127.0.0.1",
		paidAt: null,
		paidAmount: null,
		refundReserved: 0,
		refundIds: [],
		refunded: 0,
		refundedIds: [],
		anomalies: [],
		expiresAt: deadline,
		askAt: nextPaymentPollAt({ expiresAt: deadline }, now, 0),
		asked: 0,
		createdAt: now
	};
	return prepare(context, same(await claim(context, draft), wanted));
}

/** The key's payment, if it is the one that is wanted now. */
function same(known: Payment, { orderId, channel, scene }: Wanted): Payment {
	if (known.orderId === orderId && known.channel === channel && known.scene === scene) return known;
	throw new Refusal("IDEMPOTENCY_KEY_REUSED", "The key was used for another payment");
}

/** The order's one live payment is this one from here on; another that was live is called off first. */
async function claim(context: PaymentsContext, draft: Payment): Promise<Payment> {
	for (let tries = 0; tries < 5; tries++) {
		const live = await context.payments.findOne({ liveKey: draft.orderId });
		if (live?.userId === draft.userId && live.key === draft.key) return live; // a twin was faster
		if (live) await voidPayment(context, live, "replaced");
		const { status } = live ? await context.payments.get(live._id) : draft;
		if (status === "succeeded") throw new Refusal("INVALID_STATE", "The order is paid", { status });
		try {
			return await context.payments.insert(draft);
		} catch (err) {
			if (!(err instanceof DuplicateKey)) throw err;
			const twin = await context.payments.findOne({ userId: draft.userId, key: draft.key });
			if (twin) return twin;
		}
	}
	throw new Refusal("INVALID_STATE", "Several payments of this order are begun at once");
}

/** Has the channel prepare the payment, unless it has already. */
async function prepare(context: PaymentsContext, payment: Payment): Promise<Payment> {
	const { _id, paymentNo, amount, scene, expiresAt, clientIp, currency, channel } = payment;
	if (payment.status === "failed")
		throw new Refusal("INVALID_STATE", "The channel refused this payment; begin another", {
			status: payment.status
		});
	if (payment.action || payment.status !== "pending") return payment;
	if (amount === 0) {
		await markPaid(context, payment, {
			amount,
			currency,
			channelTxnId: `free-${paymentNo}`,
			paidAt: new Date()
		});
		return context.payments.get(_id);
	}
	const description = `zjMall ${payment.orderNo}`;
	const answer = await context.channels
		.of(channel)
		.create({ paymentNo, amount, description, scene, expiresAt, clientIp });
	if (answer.outcome === "created") {
		await context.payments.change({ _id, action: null }, { $set: { action: answer.action } });
		return context.payments.get(_id);
	}
	if (answer.outcome === "refused") {
		await context.payments.change(
			{ _id, status: "pending" },
			{ $set: { status: "failed" }, $unset: { liveKey: "", askAt: "" } }
		);
		context.logger.error({ paymentNo, channel, reason: answer.code }, "The channel refused a payment");
	} else {
		const { cause, detail } = answer;
		context.logger.error({ paymentNo, channel, cause, detail }, "The channel did not begin a payment");
	}
	throw new Refusal("SERVICE_UNAVAILABLE", `${channel} can't prepare the payment now`, { channel });
}
