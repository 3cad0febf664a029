import { logError, removeExpiredRefusals } from "../../mixins/platform";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { DAY_MS } from "../../schemas/values/durations";
import type { PaymentsContext } from "./payments.context";
import { pollChannel } from "./poll-channel";
import { reconcileDueDays } from "./reconciliation/reconcile";
import { executeApproval } from "./refunds/decide-refund-approval";
import { continueRefund } from "./refunds/refund-payment";

/** Longer than a request that approves a refund can run. */
const APPROVAL_LEASE_MS = 30_000;

export const paymentSweeps = scheduleMixin<PaymentsContext>(
	{
		name: "ask the channels about payments",
		every: "payments.sweepEvery",
		async run() {
			const due = await this.payments.find(
				{ nextPollAt: { $lte: new Date() } },
				{ sort: { nextPollAt: 1 }, limit: 50 }
			);
			await runEach(this, due, payment => pollChannel(this, payment));
		}
	},
	{
		name: "go on with refunds",
		every: "payments.sweepEvery",
		async run() {
			const due = await this.refunds.find(
				{ nextPollAt: { $lte: new Date() } },
				{ sort: { nextPollAt: 1 }, limit: 50 }
			);
			await runEach(this, due, refund => continueRefund(this, refund));
		}
	},
	{
		name: "make approved refunds that a crash left",
		every: "payments.sweepEvery",
		async run() {
			const left = await this.approvals.find(
				{ status: "approved", decidedAt: { $lt: new Date(Date.now() - APPROVAL_LEASE_MS) } },
				{ limit: 50 }
			);
			await runEach(this, left, approval => executeApproval(this, this.broker, approval));
		}
	},
	{
		name: "remove old notifications",
		every: "housekeeping.sweepEvery",
		async run() {
			const keptMs = this.config.get("payments.notificationsKeepDays") * DAY_MS;
			await this.notifications.remove({ at: { $lt: new Date(Date.now() - keptMs) } });
		}
	},
	{
		name: "remove expired refusals",
		every: "housekeeping.sweepEvery",
		async run() {
			await removeExpiredRefusals(this.refusals);
		}
	},
	{
		name: "reconcile with the channels",
		every: "housekeeping.sweepEvery",
		async run() {
			await reconcileDueDays(this);
		}
	}
);

/** Runs the work on all documents at once. One that fails is logged and left for the next sweep; the others go on. */
async function runEach<T extends { readonly _id: string }>(
	{ logger }: PaymentsContext,
	due: readonly T[],
	work: (doc: T) => Promise<unknown>
): Promise<void> {
	const run = (doc: T) =>
		work(doc).catch((err: unknown) => logError(logger, "PAYMENT_SWEEP_FAILED", { err, id: doc._id }));
	await Promise.all(due.map(run));
}
