import type { Middleware, ServiceBroker } from "moleculer";
import { backends } from "../infrastructure/backends";
import { openGauge, openHistogram, registerCollector, showGauge } from "../infrastructure/prometheus";
import { COMMIT_DURATION, DATABASE_BYTES, DISK_BYTES, POOL_CONNECTIONS, POOL_WAIT } from "./process.metrics";
import { settings } from "../settings";

/** Measures what the documents stand on: the SQLite file with its disk, or the connections to MongoDB. */
export function storageMetricsMiddleware(): Middleware {
	let stopWatching = () => {};
	return {
		name: "StorageMetrics",
		async started(broker: ServiceBroker) {
			if (!settings.metrics) return;
			const { file, pool } = backends.watchable();
			if (file) {
				const observe = openHistogram(broker, COMMIT_DURATION);
				stopWatching = file.onCommit(seconds => observe(seconds, {}));
				showFile(broker, file.measure);
			}
			if (pool) {
				const observe = openHistogram(broker, POOL_WAIT);
				pool.onCheckOut(seconds => observe(seconds, {}));
				for (const state of ["open", "used"] as const)
					showGauge(broker, POOL_CONNECTIONS, { state }, () => pool.count()[state]);
			}
		},
		async stopping() {
			stopWatching();
		}
	};
}

type Measure = NonNullable<ReturnType<typeof backends.watchable>["file"]>["measure"];

function showFile(broker: ServiceBroker, measure: Measure): void {
	const showBytes = openGauge(broker, DATABASE_BYTES);
	const showDisk = openGauge(broker, DISK_BYTES);
	registerCollector(broker, async () => {
		const { database, wal, diskSize, diskFree } = await measure();
		showBytes(database, { file: "database" });
		showBytes(wal, { file: "wal" });
		showDisk(diskSize, { state: "size" });
		showDisk(diskFree, { state: "free" });
	});
}
