import type { Service } from "moleculer";
import { backends } from "../infrastructure/backends";
import { DEAD_LETTERS, FACTS_OLDEST, FACTS_PENDING } from "../infrastructure/facts/facts.metrics";
import type { Lag } from "../infrastructure/facts/transport";
import { openGauge, registerCollector } from "../infrastructure/prometheus";
import type { Mixin } from "../schemas/kit/service";

/**
 * Shows the backlog of every consuming service and the dead letters, read when the metrics are. They are those of the whole
 * shop, so a service has this mixin whose processes are few.
 */
export const backlogMetricsMixin: Mixin = {
	created(this: Service) {
		const { broker } = this;
		const facts = backends.facts(this.logger);
		const showPending = openGauge(broker, FACTS_PENDING);
		const showOldest = openGauge(broker, FACTS_OLDEST);
		const showDead = openGauge(broker, DEAD_LETTERS);
		registerCollector(broker, async () => {
			const [lags, { total }] = await Promise.all([
				facts.lag(),
				facts.deadLetters({ skip: 0, limit: 1 })
			]);
			for (const [consumer, backlog] of Map.groupBy(lags, lag => lag.consumer)) {
				showPending(sumPending(backlog), { consumer });
				showOldest(readOldestSeconds(backlog), { consumer });
			}
			showDead(total, {});
		});
	}
};

const sumPending = (backlog: readonly Lag[]) => backlog.reduce((sum, { pending }) => sum + pending, 0);
const readOldestSeconds = (backlog: readonly Lag[]) =>
	Math.max(0, ...backlog.map(({ oldestAt }) => (oldestAt ? Date.now() - oldestAt.getTime() : 0))) / 1000;
