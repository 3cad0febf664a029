import type { Config } from "../../mixins/config.mixin";
import type { KeyValueStore } from "../../mixins/key-value.mixin";
import type { Metrics } from "../../mixins/metrics.mixin";
import type { Logger } from "../../mixins/platform";
import type { Store } from "../../mixins/store.mixin";
import type { AUTH_METRICS } from "./auth.metrics";
import type { Session } from "./session.domain";
import type { TotpEnrolment } from "./totp.domain";

/** Stores and clients that the functions of this service work with. */
export type AuthContext = {
	readonly sessions: Store<Session>;
	readonly enrolments: Store<TotpEnrolment>;
	/** One-time codes, the number of messages to a phone, and failed log-ins. */
	readonly kv: KeyValueStore;
	readonly config: Config;
	readonly metrics: Metrics<typeof AUTH_METRICS>;
	readonly logger: Logger;
};
