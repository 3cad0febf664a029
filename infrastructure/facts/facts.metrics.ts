import { counter, gauge, histogram, OPEN } from "../../schemas/kit/metric";

export const FACTS_HANDLED = counter({
	name: "mall_facts_handled_total",
	description: "Attempts to handle a fact in this process, by the consuming service",
	labels: { consumer: OPEN, outcome: ["handled", "failed"] }
});

export const FACT_DELAY = histogram({
	name: "mall_fact_delay_seconds",
	description: "Time from a fact until its first attempt to be handled",
	buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300, 3600]
});

export const FACTS_PENDING = gauge({
	name: "mall_facts_pending",
	description: "Facts that the consuming service has yet to handle, those that are tried again included",
	labels: { consumer: OPEN }
});

export const FACTS_OLDEST = gauge({
	name: "mall_facts_oldest_pending_seconds",
	description: "Age of the oldest fact that the consuming service has yet to handle, else 0",
	labels: { consumer: OPEN }
});

export const DEAD_LETTERS = gauge({
	name: "mall_dead_letters",
	description: "Facts that a service could not handle and that nobody has replayed or discarded"
});
