import { collection, storeMixin } from "../../mixins/store.mixin";
import { service } from "../../schemas/registry";
import { related } from "../../schemas/related.contract";
import { countTogether, findRelated } from "./find-related";
import type { Together } from "./together.domain";

/** Owns how often products are bought together, counted from completed orders. */
export default service(related, {
	dependencies: ["products"],
	mixins: [storeMixin({ together: collection<Together>("products_together") })],

	actions: {
		ofProduct: {
			async handler(ctx) {
				return findRelated(this, ctx, ctx.params.id);
			}
		}
	},

	events: {
		async "order.completed"(ctx) {
			await countTogether(this, ctx.params);
		}
	}
});
