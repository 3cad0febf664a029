import { logError } from "../../mixins/platform";
import type { Payment } from "./payment.domain";
import type { PaymentsContext } from "./payments.context";

type Context = Pick<PaymentsContext, "payments" | "logger">;

/** Records on the payment, once, what is wrong with it; staff see it in the admin view. */
export async function recordAnomaly(context: Context, payment: Payment, reason: string): Promise<void> {
	logAnomaly(context, payment, reason);
	await context.payments.change(
		{ _id: payment._id, "anomalies.reason": { $ne: reason } },
		{ $push: pushAnomaly(reason) }
	);
}

/** The part of an update that adds an anomaly. The latest 20 are kept. */
export const pushAnomaly = (reason: string) => ({
	anomalies: { $each: [{ at: new Date(), reason }], $slice: -20 }
});

export const logAnomaly = ({ logger }: Context, { paymentNo }: Payment, reason: string) =>
	logError(logger, "PAYMENT_ANOMALY", { paymentNo, reason });
