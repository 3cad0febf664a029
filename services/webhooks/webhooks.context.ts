import type { Metrics } from "../../mixins/metrics.mixin";
import type { FactLog } from "../../mixins/facts.mixin";
import type { Logger } from "../../mixins/platform";
import type { Store } from "../../mixins/store.mixin";
import type { Delivery, Webhook } from "./webhook.domain";
import type { WEBHOOK_METRICS } from "./webhooks.metrics";

/** How far facts were made into deliveries, and which process goes on. One document, `facts`. */
export type Reader = {
	readonly _id: string;
	/** The position in the log of facts; null while no endpoint is enabled. */
	readonly position: string | null;
	readonly owner: string | null;
	readonly until: Date;
	readonly movedAt: Date;
	readonly version: number;
};

/** Stores and clients that the functions of this service work with. */
export type WebhooksContext = {
	readonly webhooks: Store<Webhook>;
	readonly deliveries: Store<Delivery>;
	readonly readers: Store<Reader>;
	readonly facts: FactLog;
	readonly metrics: Metrics<typeof WEBHOOK_METRICS>;
	readonly logger: Logger;
	/** Ends the pauses of the loops: there is something to deliver. */
	wake(): void;
};
