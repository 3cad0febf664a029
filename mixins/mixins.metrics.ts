import { counter, gauge, OPEN } from "../schemas/kit/metric";

export const SWEEPS = counter({
	name: "mall_sweeps_total",
	description: "Runs of sweeps, by how they ended",
	labels: { service: OPEN, sweep: OPEN, outcome: ["done", "failed"] }
});

export const SWEEP_OVERDUE = gauge({
	name: "mall_sweep_overdue_seconds",
	description:
		"For how long the next successful run of a sweep has been due; it grows while the sweep fails or hangs",
	labels: { service: OPEN, sweep: OPEN }
});

export const CACHE_REQUESTS = counter({
	name: "mall_cache_requests_total",
	description: "Questions to the caches of this process, by cache and whether the answer was there",
	labels: { cache: OPEN, outcome: ["hit", "miss"] }
});
