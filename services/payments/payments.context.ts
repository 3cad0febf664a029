import type { ServiceBroker } from "moleculer";
import type { Logger, StoredRefusal } from "../../mixins/platform";
import type { Config } from "../../mixins/config.mixin";
import type { Metrics } from "../../mixins/metrics.mixin";
import type { Store } from "../../mixins/store.mixin";
import type { ChannelName } from "../../schemas/payments.contract";
import type { Channels } from "./channels/channels";
import type { Payment, Refund } from "./payment.domain";
import type { PAYMENT_METRICS } from "./payments.metrics";
import type { RefundApproval } from "./refunds/refund-approval.domain";
import type { Report } from "./reconciliation/reconciliation.domain";

/** A channel's notification, stored before it is acted on, so that no notification is lost after its acknowledgement. */
export type StoredNotification = {
	readonly _id: string;
	readonly channel: ChannelName;
	readonly paymentNo: string | null;
	/** `unmatched`: the notification fits no payment. Staff have to look into it, for the reason in `reason`. */
	readonly verdict: "payment" | "refund" | "unmatched";
	readonly reason?: string;
	readonly body: string;
	readonly at: Date;
};

/** Stores and clients that the functions of this service work with. */
export type PaymentsContext = {
	readonly payments: Store<Payment>;
	readonly refunds: Store<Refund>;
	readonly approvals: Store<RefundApproval>;
	readonly notifications: Store<StoredNotification>;
	readonly reconciliations: Store<Report>;
	/** Refusals that are the first answer under an idempotency key. */
	readonly refusals: Store<StoredRefusal>;
	readonly channels: Channels;
	readonly metrics: Pick<Metrics<typeof PAYMENT_METRICS>, "unmatchedNotifications" | "begun">;
	readonly config: Pick<Config, "get">;
	readonly broker: Pick<ServiceBroker, "call">;
	readonly logger: Logger;
};
