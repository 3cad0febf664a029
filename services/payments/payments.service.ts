import { createHash } from "node:crypto";
import type { Service } from "moleculer";
import { configMixin } from "../../mixins/config.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { DAY_MS } from "../../schemas/durations";
import { invalid, Refusal } from "../../schemas/errors";
import type { Mixin } from "../../schemas/kit";
import { payments } from "../../schemas/payments.contract";
import { call, service } from "../../schemas/registry";
import { Channels } from "./channels/channels";
import { createPayment } from "./create-payment";
import { readHistory } from "./read-history";
import { receiveNotification } from "./receive-notification";
import {
	adminViewOf,
	ORDER_REFUND,
	refundNoOf,
	summaryOf,
	viewOf,
	type Payment,
	type Refund
} from "./payment.domain";
import { reconcileDue, getReconciliation } from "./reconciliation/reconcile";
import type { Report } from "./reconciliation/reconciliation.domain";
import { refundLines } from "./refunds/refund-lines";
import { refundRemainder } from "./refunds/refund-once";
import { refundPayment, continueRefund } from "./refunds/refund-payment";
import type { PaymentsContext, StoredNotification } from "./payments.context";
import { pollChannel, voidPayment, refreshFromChannel } from "./poll-channel";

const channelsMixin: Mixin<{ channels: Channels }> = {
	created(this: Service) {
		Object.assign(this, { channels: new Channels(this.broker) });
	}
};

const sweeps = scheduleMixin<PaymentsContext>(
	{
		name: "ask the channels about payments",
		every: "payments.sweepEvery",
		async run() {
			const due = await this.payments.find(
				{ askAt: { $lte: new Date() } },
				{ sort: { askAt: 1 }, limit: 50 }
			);
			await eachAlone(this, due, payment => pollChannel(this, payment));
		}
	},
	{
		name: "go on with refunds",
		every: "payments.sweepEvery",
		async run() {
			const due = await this.refunds.find(
				{ askAt: { $lte: new Date() } },
				{ sort: { askAt: 1 }, limit: 50 }
			);
			await eachAlone(this, due, left => continueRefund(this, left));
		}
	},
	{
		name: "remove old notifications",
		every: "housekeeping.sweepEvery",
		async run() {
			const keptMs = this.config.get("payments.noticesKeepDays") * DAY_MS;
			await this.notifications.remove({ at: { $lt: new Date(Date.now() - keptMs) } });
		}
	},
	{
		name: "reconcile with the channels",
		every: "housekeeping.sweepEvery",
		async run() {
			await reconcileDue(this);
		}
	}
);

/** All at once and each by itself: what is slow or fails keeps nothing else waiting. */
async function eachAlone<T extends { readonly _id: string }>(
	{ logger }: PaymentsContext,
	due: readonly T[],
	work: (one: T) => Promise<unknown>
): Promise<void> {
	const one = (left: T) =>
		work(left).catch((err: unknown) => logger.error({ err, id: left._id }, "Left for the next sweep"));
	await Promise.all(due.map(one));
}

/** Owns payments and refunds, and speaks with the channels. Whether an order takes the money is for `orders` to say. */
export default service(payments, {
	dependencies: ["orders"],
	mixins: [
		storeMixin({
			payments: collection<Payment>("payments", [
				{ keys: { paymentNo: 1 }, unique: true },
				{ keys: { userId: 1, key: 1 }, unique: true },
				{ keys: { liveKey: 1 }, unique: true, sparse: true },
				{ keys: { channelTxnId: 1 }, unique: true, sparse: true },
				{ keys: { orderId: 1, _id: -1 } },
				{ keys: { status: 1, _id: -1 } },
				{ keys: { askAt: 1 }, sparse: true },
				{ keys: { channel: 1, paidAt: 1 } }
			]),
			refunds: collection<Refund>("refunds", [
				{ keys: { paymentId: 1, createdAt: 1 } },
				{ keys: { askAt: 1 }, sparse: true },
				{ keys: { channel: 1, acceptedAt: 1 } }
			]),
			notifications: collection<StoredNotification>("payment_notices", [
				{ keys: { paymentNo: 1 } },
				{ keys: { verdict: 1, at: 1 } },
				{ keys: { at: 1 } }
			]),
			reconciliations: collection<Report>("reconciliations")
		}),
		configMixin,
		channelsMixin,
		sweeps
	],

	actions: {
		create: {
			async handler(ctx) {
				return viewOf(await createPayment(this, ctx, ctx.params));
			}
		},
		get: {
			async handler(ctx) {
				const payment = await this.payments.get(ctx.params.id, { userId: ctx.meta.user?.id });
				return viewOf(
					payment.status === "pending" ? await refreshFromChannel(this, payment) : payment
				);
			}
		},
		notifyAlipay: {
			handler(ctx) {
				return receiveNotification(this, "alipay", ctx.params);
			}
		},
		notifyWechat: {
			handler(ctx) {
				return receiveNotification(this, "wechat", ctx.params);
			}
		},
		list: {
			async handler(ctx) {
				const { status, orderId, paymentNo, ...page } = ctx.params;
				const where = {
					...(status && { status }),
					...(orderId && { orderId }),
					...(paymentNo && { paymentNo })
				};
				const found = await this.payments.page(where, page);
				const items = await Promise.all(
					found.items.map(async p => adminViewOf(p, await refundsOf(this, p)))
				);
				return { ...found, items };
			}
		},
		oddNotices: {
			async handler(ctx) {
				const found = await this.notifications.page({ verdict: "odd" }, ctx.params, { at: -1 });
				const items = found.items.map(({ channel, paymentNo, what = "", at }) => ({
					channel,
					paymentNo,
					what,
					at: at.toISOString()
				}));
				return { ...found, items };
			}
		},
		refund: {
			async handler(ctx) {
				const { id, key, amount, items = [], shipping = false, reason } = ctx.params;
				const byLine = items.length > 0 || shipping;
				if ((amount !== undefined) === byLine) throw invalid("amount", "amountOrItems");
				refuseRepeated(items);
				const payment = await this.payments.get(id);
				if (payment.status !== "succeeded" && payment.status !== "refunded")
					throw new Refusal("INVALID_STATE", "Only what was paid can be refunded", {
						status: payment.status
					});
				const by = ctx.meta.user?.id ?? "operator";
				const purpose = createHash("sha256").update(`${by}:${key}`).digest("hex").slice(0, 24);
				if (amount !== undefined)
					await refundPayment(this, payment, {
						refundNo: refundNoOf(payment, purpose),
						amount,
						reason
					});
				else {
					const { orderId } = payment;
					const sold = await call(ctx, "orders.paidLines", { orderId, paymentId: id });
					await refundLines(this, id, sold, { purpose, reason, items, shipping });
				}
				return adminViewOf(await this.payments.get(id), await refundsOf(this, payment));
			}
		},
		reconciliation: {
			handler(ctx) {
				const { date, ...how } = ctx.params;
				return getReconciliation(this, date, how);
			}
		},
		ofOrder: {
			async handler(ctx) {
				const { orderId, paymentId } = ctx.params;
				const all = await this.payments.find({ orderId }, { sort: { _id: -1 }, limit: 20 });
				const counts =
					all.find(p => p._id === paymentId) ??
					all.find(p => p.status === "succeeded" || p.status === "refunded") ??
					all[0];
				return counts ? summaryOf(counts) : null;
			}
		},
		history: {
			handler(ctx) {
				return readHistory(this, ctx.params.orderId);
			}
		},
		byNumber: {
			async handler(ctx) {
				const { paymentNo: wanted } = ctx.params;
				const found = await this.payments.findOne({ paymentNo: wanted });
				if (!found) throw new Refusal("NOT_FOUND", "No such payment", { paymentNo: wanted });
				const { paymentNo, orderNo, channel, status, amount, action } = found;
				return { paymentNo, orderNo, channel, status, amount, action };
			}
		}
	},

	events: {
		async "order.cancelled"(ctx) {
			await endOthers(this, ctx.params.orderId, null);
		},
		async "order.paid"(ctx) {
			await endOthers(this, ctx.params.orderId, ctx.params.paymentId);
		},
		// The refund's number follows from the payment's: however often this comes, the money goes back once.
		async "order.payment_refused"(ctx) {
			await refundRemainder(this, ctx.params.paymentId, "UNCLAIMED", ctx.params.reason);
		},
		async "order.refund_requested"(ctx) {
			const { paymentId, attempt = 0, reason } = ctx.params;
			await refundRemainder(this, paymentId, `${ORDER_REFUND}${attempt || ""}`, reason);
		}
	}
});

function refuseRepeated(items: readonly { readonly skuId: string }[]): void {
	const again = items.findIndex(({ skuId }, index) =>
		items.slice(0, index).some(one => one.skuId === skuId)
	);
	if (again >= 0) throw invalid(`items[${again}].skuId`, "repeated");
}

const refundsOf = (context: PaymentsContext, { _id }: Payment) =>
	context.refunds.find({ paymentId: _id }, { sort: { createdAt: 1 }, limit: 100 });

/** The order is settled: what else could still be paid for it ends. */
async function endOthers(context: PaymentsContext, orderId: string, paidBy: string | null): Promise<void> {
	const live = await context.payments.findOne({ liveKey: orderId });
	if (live && live._id !== paidBy)
		await voidPayment(context, live, paidBy ? "paid otherwise" : "order cancelled");
}
