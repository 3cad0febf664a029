import { logError } from "../../mixins/platform";
import { DuplicateKey } from "../../mixins/store.mixin";
import { invalid, invalidFields, invalidState, Refusal } from "../../schemas/errors/errors";
import type { ActionsOf, PayloadOf } from "../../schemas/kit/contract";
import type { Ctx } from "../../schemas/kit/service";
import type { payments } from "../../schemas/payments.contract";
import { call } from "../../schemas/registry";
import { markPaid } from "./mark-payment";
import { newId } from "../../schemas/values/new-id";
import {
	buildPaymentNo,
	chooseChannelDeadline,
	isAllowedReturnUrl,
	needsOpenid,
	planNextPaymentPoll,
	type Payment
} from "./payment.domain";
import type { PaymentsContext } from "./payments.context";
import { voidPayment } from "./void-payment";

type CreateRequest = PayloadOf<ActionsOf<typeof payments>["payments.create"]>;

/**
 * Creates a payment of an order: stores it first, voids the order's last unpaid payment, then asks the channel. A repeated
 * key answers the same payment, and goes on where a crash or a silent channel left it.
 */
export async function createPayment(
	context: PaymentsContext,
	ctx: Ctx<unknown>,
	request: CreateRequest
): Promise<Payment> {
	const known = await context.payments.findOne({ userId: ctx.meta.user?.id ?? "", key: request.key });
	const payment = known ?? (await insertAsLive(context, await draftPayment(context, ctx, request)));
	refuseOtherRequest(payment, request);
	return prepareAtChannel(context, payment);
}

async function draftPayment(
	{ channels }: PaymentsContext,
	ctx: Ctx<unknown>,
	{ key, orderId, channel, scene, returnUrl, openid }: CreateRequest
): Promise<Payment> {
	if (returnUrl !== undefined && !isAllowedReturnUrl(returnUrl, channels.returnOrigins))
		throw invalid("returnUrl", "foreignOrigin");
	if (needsOpenid(scene) && openid === undefined)
		throw invalidFields([{ field: "openid", type: "required" }]);
	const userId = ctx.meta.user?.id ?? "";
	const order = await call(ctx, "orders.payable", { orderId, userId });
	const now = new Date();
	const orderExpiresAt = order.expiresAt ? new Date(order.expiresAt) : now;
	if (order.status !== "pending_payment" || orderExpiresAt <= now)
		throw invalidState("The order does not wait for a payment", {
			id: orderId,
			state: orderExpiresAt <= now ? "expired" : order.status,
			allowed: []
		});
	const { maxAmount } = channels.of(channel);
	if (order.total > maxAmount) throw invalid("channel", "amountMax", maxAmount);
	const _id = newId();
	const expiresAt = chooseChannelDeadline(orderExpiresAt, now);
	return {
		_id,
		paymentNo: buildPaymentNo(_id),
		orderId,
		orderNo: order.orderNo,
		userId,
		key,
		channel,
		scene,
		...(returnUrl !== undefined && { returnUrl }),
		...(openid !== undefined && { openid }),
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
		expiresAt,
		nextPollAt: planNextPaymentPoll({ expiresAt }, now, 0),
		pollCount: 0,
		createdAt: now
	};
}

/** Refuses a key that was used for a payment with other content. */
export function refuseOtherRequest(payment: Payment, request: CreateRequest): void {
	const fields = ["orderId", "channel", "scene", "returnUrl", "openid"] as const;
	if (fields.some(field => payment[field] !== request[field]))
		throw new Refusal("IDEMPOTENCY_KEY_REUSED", "The key was used for another payment");
}

/**
 * Inserts the payment as the order's one live payment, after voiding another one that is live. Answers the stored payment of
 * a concurrent duplicate, a request with the same key that was faster.
 */
function insertAsLive(context: PaymentsContext, draft: Payment): Promise<Payment> {
	const { orderId, userId, key } = draft;
	return context.payments.retryConflicts(orderId, async () => {
		const live = await context.payments.findOne({ liveKey: orderId });
		if (live?.userId === userId && live.key === key) return live;
		if (live) await voidPayment(context, live, "replaced");
		const { status } = live ? await context.payments.get(live._id) : draft;
		if (status === "succeeded") throw invalidState("The order is paid", { state: status, allowed: [] });
		try {
			return await context.payments.insert(draft);
		} catch (err) {
			if (!(err instanceof DuplicateKey)) throw err;
			return context.payments.findOne({ userId, key });
		}
	});
}

/** Has the channel prepare the payment, unless it is prepared or over. A payment of nothing succeeds without the channel. */
async function prepareAtChannel(context: PaymentsContext, payment: Payment): Promise<Payment> {
	const { _id, paymentNo, amount, scene, returnUrl, openid, expiresAt, clientIp, currency, channel } =
		payment;
	if (payment.status === "failed")
		throw invalidState("The channel refused this payment; begin another", {
			id: _id,
			state: payment.status,
			allowed: []
		});
	if (payment.action || payment.status !== "pending") return payment;
	if (amount === 0) {
		const channelTxnId = `free-${paymentNo}`;
		await markPaid(context, payment, { amount, currency, channelTxnId, paidAt: new Date() });
		return context.payments.get(_id);
	}
	const description = `zjMall ${payment.orderNo}`;
	const answer = await context.channels.of(channel).create({
		paymentNo,
		amount,
		description,
		scene,
		expiresAt,
		clientIp,
		...(returnUrl !== undefined && { returnUrl }),
		...(openid !== undefined && { openid })
	});
	context.metrics.begun({ channel, outcome: answer.outcome });
	if (answer.outcome === "created") {
		const prepared = await context.payments.change(
			{ _id, action: null },
			{ $set: { action: answer.action } }
		);
		return prepared ?? context.payments.get(_id);
	}
	if (answer.outcome === "refused") {
		await context.payments.change(
			{ _id, status: "pending" },
			{ $set: { status: "failed" }, $unset: { liveKey: "", nextPollAt: "" } }
		);
		logError(context.logger, "CHANNEL_REFUSED_PAYMENT", { paymentNo, channel, reason: answer.code });
	} else {
		// Unknown whether the channel has begun the payment: a second request under the same key continues it.
		const { cause, detail } = answer;
		logError(context.logger, "CHANNEL_DID_NOT_BEGIN", { paymentNo, channel, cause, detail });
	}
	throw new Refusal("SERVICE_UNAVAILABLE", `${channel} can't prepare the payment now`, { channel });
}
