import type { HistoryStep } from "../../schemas/traces.contract";
import type { Payment, Refund } from "./payment.domain";
import type { PaymentsContext, StoredNotification } from "./payments.context";

/** More attempts than anybody makes to pay one order. */
const MOST = 50;

/** What the payments of an order, their refunds and the channels' notifications tell. */
export async function readHistory(context: PaymentsContext, orderId: string): Promise<HistoryStep[]> {
	const payments = await context.payments.find({ orderId }, { sort: { _id: -1 }, limit: MOST });
	const each = await Promise.all(
		payments.map(async payment => {
			const [refunds, notices] = await Promise.all([
				context.refunds.find({ paymentId: payment._id }, { sort: { createdAt: 1 }, limit: MOST }),
				context.notifications.find({ paymentNo: payment.paymentNo }, { limit: MOST })
			]);
			return [...stepsOf(payment), ...notices.map(noticed), ...refunds.map(refundStep)];
		})
	);
	return each.flat();
}

const step = (at: Date, name: string, outcome: string, event: string | null = null): HistoryStep => ({
	at: at.toISOString(),
	step: name,
	event,
	outcome
});

/** Channels tell their times in whole seconds. */
function stepsOf({ createdAt, paidAt, paidAmount, paymentNo, channel, amount, anomalies }: Payment) {
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
		...anomalies.map(({ at, what }) => step(at, "payment anomaly", what))
	];
}

const noticed = ({ at, channel, verdict, what }: StoredNotification) =>
	step(at, "notification received", what ? `${verdict}: ${what}` : verdict, `${channel} notice`);

const refundStep = ({ createdAt, _id, amount, status, cause }: Refund) =>
	step(createdAt, "refund begun", `${amount} fen, ${_id}: ${cause ?? status}`);
