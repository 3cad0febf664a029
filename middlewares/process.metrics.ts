import { counter, gauge, histogram } from "../schemas/kit/metric";

/** The delays of the event loop, by the names that Node programs have for them in Prometheus (prom-client's defaults). */
export const EVENT_LOOP = {
	mean: gauge({
		name: "nodejs_eventloop_lag_mean_seconds",
		description: "Mean delay of the event loop since the last scrape"
	}),
	p50: gauge({
		name: "nodejs_eventloop_lag_p50_seconds",
		description: "Median delay of the event loop since the last scrape"
	}),
	p90: gauge({
		name: "nodejs_eventloop_lag_p90_seconds",
		description: "90th percentile of the event loop's delay since the last scrape"
	}),
	p99: gauge({
		name: "nodejs_eventloop_lag_p99_seconds",
		description: "99th percentile of the event loop's delay since the last scrape"
	}),
	max: gauge({
		name: "nodejs_eventloop_lag_max_seconds",
		description: "Longest delay of the event loop since the last scrape"
	})
};

export const CPU_SECONDS = counter({
	name: "process_cpu_seconds_total",
	description: "CPU time of the process, user and system"
});

export const MEMORY_BYTES = gauge({
	name: "process_resident_memory_bytes",
	description: "Memory of the process (resident set)"
});

export const COMMIT_DURATION = histogram({
	name: "mall_sqlite_commit_duration_seconds",
	description: "Duration of commits to the SQLite file",
	buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]
});

export const DATABASE_BYTES = gauge({
	name: "mall_sqlite_file_bytes",
	description: "Size of the SQLite file and of its write-ahead log",
	labels: { file: ["database", "wal"] }
});

export const DISK_BYTES = gauge({
	name: "mall_data_disk_bytes",
	description: "The disk of the data folder: its size, and what of it the shop may still use",
	labels: { state: ["size", "free"] }
});

export const POOL_WAIT = histogram({
	name: "mall_mongodb_pool_wait_seconds",
	description: "Wait of an operation for a connection to MongoDB",
	buckets: [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]
});

export const POOL_CONNECTIONS = gauge({
	name: "mall_mongodb_pool_connections",
	description: "Connections to MongoDB: open, and those of them in use",
	labels: { state: ["open", "used"] }
});
