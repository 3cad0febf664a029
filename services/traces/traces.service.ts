import { monotonicFactory, ulid } from "ulid";
import { configMixin, type Config } from "../../mixins/config.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin, type Store } from "../../mixins/store.mixin";
import { service } from "../../schemas/registry";
import { traces } from "../../schemas/traces.contract";
import { lifeOf } from "./life";
import { sheets, type Sheet } from "./trace.domain";

const newId = monotonicFactory();
const DAY_MS = 86_400_000;

/** Owns what nodes noted of orders' lives, for a while; and puts a life together from it and from what the owners' documents tell. */
export default service(traces, {
	mixins: [
		storeMixin({ sheets: collection<Sheet>("traces", [{ keys: { refs: 1 } }]) }),
		configMixin,
		scheduleMixin<{ readonly sheets: Store<Sheet>; readonly config: Config }>({
			name: "old traces",
			every: "housekeeping.sweepEvery",
			async run() {
				const before = Date.now() - this.config.get("traces.keepDays") * DAY_MS;
				// Ids begin with their time.
				await this.sheets.remove({ _id: { $lt: ulid(before) } });
			}
		})
	],

	actions: {
		keep: {
			async handler(ctx) {
				await this.sheets.insertMany(sheets(ctx.params.spans, () => newId()));
				return null;
			}
		},
		ofOrder: {
			handler(ctx) {
				return lifeOf(this, ctx, ctx.params.id);
			}
		}
	}
});
