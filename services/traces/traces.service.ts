import { configMixin, type Config } from "../../mixins/config.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { service } from "../../schemas/registry";
import { traces } from "../../schemas/traces.contract";
import { removeOldSpans, recordSpans, type TracesContext } from "./record-spans";
import { readTrace } from "./read-trace";
import type { SpanBatch } from "./trace.domain";

/** Owns what nodes noted of orders' lives, for a while; and puts a life together from it and from what the owners' documents tell. */
export default service(traces, {
	mixins: [
		storeMixin({ sheets: collection<SpanBatch>("traces", [{ keys: { refs: 1 } }]) }),
		configMixin,
		scheduleMixin<TracesContext & { readonly config: Config }>({
			name: "old traces",
			every: "housekeeping.sweepEvery",
			run() {
				return removeOldSpans(this, this.config.get("traces.keepDays"), new Date());
			}
		})
	],

	actions: {
		record: {
			async handler(ctx) {
				await recordSpans(this, ctx.params.spans);
				return null;
			}
		},
		ofOrder: {
			handler(ctx) {
				return readTrace(this, ctx, ctx.params.id);
			}
		}
	}
});
