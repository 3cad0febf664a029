import { configMixin } from "../../mixins/config.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { requireUserId } from "../../schemas/kit/caller";
import { points } from "../../schemas/points.contract";
import { service } from "../../schemas/registry";
import { DAY_MS } from "../../schemas/values/durations";
import type { Account, PointsOrder } from "./account.domain";
import { recordOrder, sweepAccounts, takePoints } from "./change-account";
import type { LogRow, PointsContext } from "./points.context";

const EXPIRING_MS = 30 * DAY_MS;
/** A note in flight that is older was left by a crash. */
const STALE_MS = 15_000;

/** Owns the points of users: their balance, and the log of every change. */
export default service(points, {
	mixins: [
		storeMixin({
			accounts: collection<Account>("points_accounts", [
				{ keys: { "lots.at": 1 } },
				{ keys: { "inFlight.at": 1 } }
			]),
			log: collection<LogRow>("points_log", [
				{ keys: { userId: 1, key: 1 }, unique: true },
				{ keys: { userId: 1, orderId: 1 } },
				{ keys: { userId: 1, _id: -1 } }
			]),
			pointsOrders: collection<PointsOrder>("points_orders", [
				{ keys: { userId: 1, paid: 1, completed: 1, ended: 1 } }
			])
		}),
		configMixin,
		scheduleMixin<PointsContext>({
			name: "points that expire",
			every: "promotions.sweepEvery",
			async run() {
				const now = new Date();
				await sweepAccounts(this, now, new Date(now.getTime() - STALE_MS));
			}
		})
	],

	actions: {
		exportPersonalData: {
			async handler({ params: { userId } }) {
				const account = await this.accounts.findOne({ _id: userId }, { fields: ["balance"] });
				const rows = await this.log.find({ userId }, { sort: { _id: -1 } });
				return { balance: account?.balance ?? 0, entries: rows.map(toLogView) };
			}
		},
		balance: {
			async handler({ params: { userId } }) {
				return (await this.accounts.findOne({ _id: userId }, { fields: ["balance"] }))?.balance ?? 0;
			}
		},
		use: {
			async handler({ params }) {
				await takePoints(this, params);
				return null;
			}
		},
		giveBack: {
			async handler({ params: { orderId, userId } }) {
				await recordOrder(this, orderId, userId, { ended: true });
				return null;
			}
		},
		mine: {
			async handler(ctx) {
				const userId = requireUserId(ctx);
				const soon = new Date(Date.now() + EXPIRING_MS);
				const [account, waiting] = await Promise.all([
					this.accounts.findOne({ _id: userId }),
					this.pointsOrders.find({ userId, paid: true, completed: false, ended: false })
				]);
				return {
					balance: account?.balance ?? 0,
					pending: waiting.reduce((sum, { earns }) => sum + earns, 0),
					expiring: (account?.lots ?? [])
						.filter(({ at }) => at <= soon)
						.map(({ at, points: n }) => ({ points: n, at: at.toISOString() }))
				};
			}
		},
		log: {
			async handler(ctx) {
				const page = await this.log.page({ userId: requireUserId(ctx) }, ctx.params);
				return { ...page, items: page.items.map(toLogView) };
			}
		}
	},

	events: {
		async "order.paid"(ctx) {
			const { orderId, userId, total, pointsEarned = 0 } = ctx.params;
			await recordOrder(this, orderId, userId, { paid: true, total, earns: pointsEarned });
		},
		async "order.completed"(ctx) {
			const { orderId, userId, total = 0, pointsEarned = 0 } = ctx.params;
			await recordOrder(this, orderId, userId, { completed: true, total, earns: pointsEarned });
		},
		async "order.cancelled"(ctx) {
			const { orderId, userId, pointsUsed = 0 } = ctx.params;
			if (pointsUsed > 0) await recordOrder(this, orderId, userId, { ended: true });
		},
		async "order.partly_refunded"(ctx) {
			const { orderId, userId, refunded, total } = ctx.params;
			await recordOrder(this, orderId, userId, { refunded, total });
		},
		async "order.refunded"(ctx) {
			await recordOrder(this, ctx.params.orderId, ctx.params.userId, { ended: true });
		}
	}
});

const toLogView = ({ delta, balance, reason, orderId, at }: LogRow) => ({
	delta,
	balance,
	reason,
	orderId,
	at: at.toISOString()
});
