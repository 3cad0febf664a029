import { configMixin, type Config } from "../../mixins/config.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { service } from "../../schemas/registry";
import { traces } from "../../schemas/traces.contract";
import { readTrace } from "./read-trace";
import { recordSpans, removeOldSpans } from "./record-spans";
import type { SpanBatch } from "./trace.domain";
import type { TracesContext } from "./traces.context";

/** Owns the spans of orders' lives, for `traces.keepDays`, and puts a trace together from them and the services' documents. */
export default service(traces, {
	mixins: [
		storeMixin({ batches: collection<SpanBatch>("traces", [{ keys: { refs: 1 } }]) }),
		configMixin,
		scheduleMixin<TracesContext & { readonly config: Config }>({
			name: "remove old traces",
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
