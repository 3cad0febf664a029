import type { Service } from "moleculer";
import { configMixin } from "../../mixins/config.mixin";
import { metricsMixin } from "../../mixins/metrics.mixin";
import { readinessMixin } from "../../mixins/readiness.mixin";
import { REFUSAL_INDEXES, type StoredRefusal } from "../../mixins/platform";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { notFound } from "../../schemas/errors/errors";
import type { Mixin } from "../../schemas/kit/service";
import { payments } from "../../schemas/payments.contract";
import { service } from "../../schemas/registry";
import { settings } from "../../settings";
import { Channels } from "./channels/channels";
import { createOnce } from "./create-once";
import { toAdminView, toPaymentSummary, toPaymentView } from "./payment-view.domain";
import { ORDER_REFUND, type Payment, type Refund } from "./payment.domain";
import type { PaymentsContext, StoredNotification } from "./payments.context";
import { PAYMENT_METRICS, paymentFactCounts } from "./payments.metrics";
import { refreshForClient } from "./poll-channel";
import { readHistory } from "./read-history";
import { receiveNotification } from "./receive-notification";
import { getOrCreateReports } from "./reconciliation/reconcile";
import type { Report } from "./reconciliation/reconciliation.domain";
import { approveRefund, rejectRefund } from "./refunds/decide-refund-approval";
import { toApprovalView, type RefundApproval } from "./refunds/refund-approval.domain";
import { refundRemainder } from "./refunds/refund-once";
import { refundClaimedUnits } from "./refunds/refund-units";
import { refundForStaff } from "./refunds/staff-refund";
import { paymentSweeps } from "./sweep-payments";
import { voidPayment } from "./void-payment";

const channelsMixin: Mixin<{ channels: Channels }> = {
	created(this: Service) {
		Object.assign(this, { channels: new Channels(this.broker) });
	}
};

/** Owns payments and refunds, and talks to the channels. Whether an order takes the money is decided by `orders`. */
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
				{ keys: { nextPollAt: 1 }, sparse: true },
				{ keys: { channel: 1, paidAt: 1 } }
			]),
			refunds: collection<Refund>("refunds", [
				{ keys: { paymentId: 1, createdAt: 1 } },
				{ keys: { nextPollAt: 1 }, sparse: true },
				{ keys: { channel: 1, acceptedAt: 1 } }
			]),
			approvals: collection<RefundApproval>("refund_approvals", [{ keys: { status: 1, _id: -1 } }]),
			notifications: collection<StoredNotification>("payment_notifications", [
				{ keys: { paymentNo: 1 } },
				{ keys: { verdict: 1, at: 1 } },
				{ keys: { at: 1 } }
			]),
			reconciliations: collection<Report>("reconciliations"),
			refusals: collection<StoredRefusal>("payment_refusals", REFUSAL_INDEXES)
		}),
		configMixin,
		channelsMixin,
		metricsMixin(PAYMENT_METRICS, paymentFactCounts),
		readinessMixin(
			settings.sandbox || settings.alipay || settings.wechat
				? []
				: ["a payment channel (ALIPAY_* or WECHAT_*)"]
		),
		paymentSweeps
	],

	actions: {
		create: {
			async handler(ctx) {
				return createOnce(this, ctx, ctx.params);
			}
		},
		get: {
			async handler(ctx) {
				const payment = await this.payments.get(ctx.params.id, { userId: ctx.meta.user?.id ?? "" });
				return toPaymentView(
					payment.status === "pending" ? await refreshForClient(this, payment) : payment
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
					found.items.map(async payment => toAdminView(payment, await findRefunds(this, payment)))
				);
				return { ...found, items };
			}
		},
		unmatchedNotifications: {
			async handler(ctx) {
				const found = await this.notifications.page({ verdict: "unmatched" }, ctx.params, { at: -1 });
				const items = found.items.map(({ channel, paymentNo, reason = "", at }) => ({
					channel,
					paymentNo,
					reason,
					at: at.toISOString()
				}));
				return { ...found, items };
			}
		},
		refund: {
			async handler(ctx) {
				const { id } = ctx.params;
				const approval = await refundForStaff(this, ctx, ctx.params);
				const payment = await this.payments.get(id);
				return {
					...toAdminView(payment, await findRefunds(this, payment)),
					...(approval && { approval: toApprovalView(approval) })
				};
			}
		},
		approvals: {
			async handler(ctx) {
				const { status, ...paging } = ctx.params;
				const page = await this.approvals.page({ ...(status && { status }) }, paging);
				return { ...page, items: page.items.map(toApprovalView) };
			}
		},
		approve: {
			async handler(ctx) {
				return toApprovalView(await approveRefund(this, ctx, ctx.params.id));
			}
		},
		reject: {
			async handler(ctx) {
				const { id, reason } = ctx.params;
				return toApprovalView(await rejectRefund(this, ctx, id, reason));
			}
		},
		reconciliation: {
			handler(ctx) {
				const { date, ...how } = ctx.params;
				return getOrCreateReports(this, date, how);
			}
		},
		ofOrder: {
			async handler(ctx) {
				const { orderId, paymentId } = ctx.params;
				const all = await this.payments.find({ orderId }, { sort: { _id: -1 }, limit: 20 });
				const shown =
					all.find(({ _id }) => _id === paymentId) ??
					all.find(({ status }) => status === "succeeded" || status === "refunded") ??
					all[0];
				return shown ? toPaymentSummary(shown) : null;
			}
		},
		exportPersonalData: {
			async handler(ctx) {
				const { userId } = ctx.params;
				const found = await this.payments.find({ userId }, { sort: { _id: -1 } });
				return {
					payments: found.map(payment => ({
						...toPaymentView(payment),
						clientIp: payment.clientIp,
						channelTxnId: payment.channelTxnId ?? null
					}))
				};
			}
		},
		history: {
			handler(ctx) {
				return readHistory(this, ctx.params.orderId);
			}
		},
		byNumber: {
			async handler(ctx) {
				const { paymentNo } = ctx.params;
				const payment = await this.payments.findOne({ paymentNo });
				if (!payment) throw notFound("payment", paymentNo);
				const { orderNo, channel, status, amount, action } = payment;
				return { paymentNo, orderNo, channel, status, amount, action };
			}
		}
	},

	events: {
		async "user.closed"(ctx) {
			await this.payments.changeMany({ userId: ctx.params.userId }, { $set: { clientIp: "" } });
		},
		async "order.cancelled"(ctx) {
			await voidOtherPayment(this, ctx.params.orderId, null);
		},
		async "order.paid"(ctx) {
			await voidOtherPayment(this, ctx.params.orderId, ctx.params.paymentId);
		},
		// The refund's number follows from the payment's, so a repeated fact refunds nothing more.
		async "order.payment_refused"(ctx) {
			await refundRemainder(this, ctx.params.paymentId, "UNCLAIMED", ctx.params.reason);
		},
		async "order.units_refund_requested"(ctx) {
			await refundClaimedUnits(this, ctx.params);
		},
		async "order.refund_requested"(ctx) {
			const { paymentId, attempt = 0, reason } = ctx.params;
			await refundRemainder(this, paymentId, `${ORDER_REFUND}${attempt || ""}`, reason);
		}
	}
});

const findRefunds = (context: PaymentsContext, { _id }: Payment) =>
	context.refunds.find({ paymentId: _id }, { sort: { createdAt: 1 }, limit: 100 });

/** Voids the order's live payment, unless the order is paid by that very one. */
async function voidOtherPayment(
	context: PaymentsContext,
	orderId: string,
	paidBy: string | null
): Promise<void> {
	const live = await context.payments.findOne({ liveKey: orderId });
	if (live && live._id !== paidBy)
		await voidPayment(context, live, paidBy ? "paid otherwise" : "order cancelled");
}
