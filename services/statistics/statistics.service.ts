import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { service } from "../../schemas/registry";
import { statistics } from "../../schemas/statistics.contract";
import type { Ctx } from "../../schemas/kit/service";
import { countNewRows, forgetOldRows } from "./count-rows";
import { readDashboard } from "./read-dashboard";
import { recordPaid, recordPlaced, recordRefunded, recordUser } from "./record-facts";
import type { OrderRefunds, StatisticsContext } from "./statistics.context";
import type { Day, ProductDay, Row } from "./tally.domain";

/** Counts orders, money and users by day in Beijing, from facts alone: cleared and told all facts again, it holds the same. */
export default service(statistics, {
	mixins: [
		storeMixin({
			rows: collection<Row>("statistics_rows", [{ keys: { batch: 1, _id: 1 } }, { keys: { at: 1 } }]),
			days: collection<Day>("statistics_days"),
			products: collection<ProductDay>("statistics_products", [
				{ keys: { day: 1, revenue: -1, _id: 1 } }
			]),
			refunds: collection<OrderRefunds>("statistics_refunds", [{ keys: { at: 1 } }])
		}),
		scheduleMixin<StatisticsContext>(
			{
				name: "new rows of the statistics",
				every: "statistics.sweepEvery",
				run() {
					return countNewRows(this);
				}
			},
			{
				name: "old rows of the statistics",
				every: "housekeeping.sweepEvery",
				run() {
					return forgetOldRows(this);
				}
			}
		)
	],

	actions: {
		dashboard: {
			async handler(ctx) {
				await countNewRows(this);
				return readDashboard(this, ctx, ctx.params.days === "30" ? 30 : 7);
			}
		}
	},

	events: {
		async "order.created"(ctx) {
			await recordPlaced(this, ctx.params);
		},
		async "order.paid"(ctx) {
			await recordPaid(this, ctx.params, factTime(ctx));
		},
		async "order.partly_refunded"(ctx) {
			const { orderId, refunded } = ctx.params;
			await recordRefunded(this, orderId, refunded, factTime(ctx));
		},
		async "order.refunded"(ctx) {
			const { orderId, amount } = ctx.params;
			await recordRefunded(this, orderId, amount, factTime(ctx));
		},
		async "user.registered"(ctx) {
			await recordUser(this, ctx.params, factTime(ctx));
		}
	}
});

/** When the fact was stored. */
const factTime = ({ meta }: Ctx<unknown>): Date => new Date(meta.factAt ?? Date.now());
