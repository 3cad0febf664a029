import { backlogMetricsMixin } from "../../mixins/backlog-metrics.mixin";
import { factsMixin, type DeadLetter } from "../../mixins/facts.mixin";
import { deadLetters } from "../../schemas/dead-letters.contract";
import { notFound } from "../../schemas/errors/errors";
import { service } from "../../schemas/registry";

/**
 * Lists, replays and discards dead letters. They are stored with the facts, not by this service. Its process is the one that
 * publishes the facts of other services again.
 */
export default service(deadLetters, {
	mixins: [factsMixin, backlogMetricsMixin],

	async started() {
		this.facts.keepFacts?.();
	},

	actions: {
		lag: {
			async handler() {
				const lags = await this.facts.lag();
				return lags.map(lag => ({ ...lag, oldestAt: lag.oldestAt?.toISOString() ?? null }));
			}
		},
		list: {
			async handler(ctx) {
				const { page = 1, pageSize = 20 } = ctx.params;
				const { items, total } = await this.facts.deadLetters({
					skip: (page - 1) * pageSize,
					limit: pageSize
				});
				return { items: items.map(toView), page, pageSize, total };
			}
		},
		replay: {
			async handler(ctx) {
				const { id } = ctx.params;
				requireDeadLetter(id, await this.facts.replay(id));
				return null;
			}
		},
		discard: {
			async handler(ctx) {
				const { id } = ctx.params;
				requireDeadLetter(id, await this.facts.discard(id));
				return null;
			}
		}
	}
});

const toView = ({ id, event, consumer, payload, error, attempts, at, factId }: DeadLetter) => ({
	id,
	event,
	consumer,
	payload,
	error,
	attempts,
	at: at.toISOString(),
	factId
});

function requireDeadLetter(id: string, exists: boolean): void {
	if (!exists) throw notFound("dead_letter", id);
}
