import type { HistoryStep } from "../../schemas/traces.contract";
import type { Payment, Refund } from "./payment.domain";
import type { PaymentsContext, StoredNotification } from "./payments.context";

/** Bounds each list of an order's history; nobody makes that many attempts to pay an order. */
const MAX_ENTRIES = 50;

/** The steps that an order's payments, their refunds and the channels' notifications record. */
export async function readHistory(context: PaymentsContext, orderId: string): Promise<HistoryStep[]> {
	const payments = await context.payments.find({ orderId }, { sort: { _id: -1 }, limit: MAX_ENTRIES });
	const steps = await Promise.all(
		payments.map(async payment => {
			const [refunds, notifications] = await Promise.all([
				context.refunds.find(
					{ paymentId: payment._id },
					{ sort: { createdAt: 1 }, limit: MAX_ENTRIES }
				),
				context.notifications.find({ paymentNo: payment.paymentNo }, { limit: MAX_ENTRIES })
			]);
			return [
				...paymentSteps(payment),
				...notifications.map(notificationStep),
				...refunds.map(refundStep)
			];
		})
	);
	return steps.flat();
}

const step = (at: Date, name: string, outcome: string, event: string | null = null): HistoryStep => ({
	at: at.toISOString(),
	step: name,
	event,
	outcome
});

/** Channels round `paidAt` down to whole seconds, so it may lie before `createdAt`. */
function paymentSteps({ createdAt, paidAt, paidAmount, paymentNo, channel, amount, anomalies }: Payment) {
	return [
		step(createdAt, "payment begun", `${amount} fen by ${channel}, ${paymentNo}`),
		...(paidAt
			? [
					step(
						paidAt < createdAt ? createdAt : paidAt,
						"payment taken",
						`${paidAmount} fen by ${channel}, ${paymentNo}`
					)
				]
			: []),
		...anomalies.map(({ at, reason }) => step(at, "payment anomaly", reason))
	];
}

const notificationStep = ({ at, channel, verdict, reason }: StoredNotification) =>
	step(at, "notification received", reason ? `${verdict}: ${reason}` : verdict, `${channel} notification`);

const refundStep = ({ createdAt, _id, amount, status, failureReason }: Refund) =>
	step(createdAt, "refund begun", `${amount} fen, ${_id}: ${failureReason ?? status}`);
