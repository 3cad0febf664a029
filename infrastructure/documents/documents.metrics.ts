import { gauge, histogram } from "../../schemas/kit/metric";

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

export const STORE_DURATION = histogram({
	name: "mall_store_operation_duration_seconds",
	description: "Duration of reads and writes of documents, failed ones too",
	labels: { operation: ["read", "write"] },
	buckets: SECONDS
});

export const KEY_VALUE_DURATION = histogram({
	name: "mall_key_value_operation_duration_seconds",
	description: "Duration of reads and writes of key-value state, failed ones too",
	labels: { operation: ["read", "write"] },
	buckets: SECONDS
});

export const OUTBOX_DELAY = gauge({
	name: "mall_outbox_oldest_seconds",
	description:
		"Age of the oldest fact that waits in an outbox of this process's services for more than three seconds, else 0"
});
