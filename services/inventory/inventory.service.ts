import { configMixin } from "../../mixins/config.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin } from "../../mixins/store.mixin";
import { invalid } from "../../schemas/errors";
import { inventory } from "../../schemas/inventory.contract";
import { call, service } from "../../schemas/registry";
import { settings } from "../../settings";
import { adjust, seed } from "./adjust-stock";
import { relevel } from "./stock-counter";
import { followUp, heal } from "./sweep-reservations";
import { historyOf } from "./read-history";
import type { Reservation } from "./reservation.domain";
import { deduct, release, reserve, restock, type Holds } from "./reserve";
import { demand, emptyStock, rowView, view, type LogRow, type Stock } from "./stock.domain";
import type { ServiceBroker } from "moleculer";

/** Longer than any call may take: what is under way since then has nobody behind it. */
const STALE_MS = settings.requestTimeoutMs + 4_000;

/** Owns what there is of each SKU, who holds it, and the ledger of every change. */
export default service(inventory, {
	mixins: [
		storeMixin({
			stock: collection<Stock>("stock", [
				{ keys: { level: 1, _id: 1 } },
				{ keys: { lowStockAt: 1 } },
				{ keys: { "inFlight.at": 1 } }
			]),
			reservations: collection<Reservation>("stock_reservations", [
				{ keys: { state: 1, updatedAt: 1 } },
				{ keys: { state: 1, expiresAt: 1 } }
			]),
			log: collection<LogRow>("stock_log", [
				{ keys: { skuId: 1, cause: 1 }, unique: true },
				{ keys: { skuId: 1, _id: -1 } }
			])
		}),
		configMixin,
		// Apart, so that none of them waits for another that fails.
		scheduleMixin<Holds & { broker: ServiceBroker }>(
			{
				name: "heal reservations",
				every: "inventory.sweepEvery",
				run() {
					return heal(this, new Date(Date.now() - STALE_MS));
				}
			},
			{
				name: "stock levels",
				every: "inventory.sweepEvery",
				run() {
					return relevel(this);
				}
			},
			{
				name: "follow up reservations",
				every: "inventory.sweepEvery",
				run() {
					const grace = this.config.get("inventory.reservationGrace");
					return followUp(this, new Date(Date.now() - grace * 1000), async orderIds => {
						const standing = await call(this.broker, "orders.standing", { orderIds });
						return new Map(standing.map(({ orderId, status }) => [orderId, status]));
					});
				}
			}
		)
	],

	actions: {
		query: {
			async handler(ctx) {
				const { skuIds } = ctx.params;
				const found = await this.stock.find({ _id: { $in: skuIds } }, { fields: ["available"] });
				const available = new Map(found.map(s => [s._id, s.available]));
				return skuIds.map(skuId => ({ skuId, available: available.get(skuId) ?? 0 }));
			}
		},
		reserve: {
			async handler(ctx) {
				const { orderId, expiresAt } = ctx.params;
				const lines = demand(ctx.params.lines);
				if (lines.some(({ quantity }) => quantity > 9999)) throw invalid("lines", "unitsMax", 9999);
				await reserve(this, orderId, lines, new Date(expiresAt));
				return null;
			}
		},
		release: {
			async handler(ctx) {
				await release(this, ctx.params.orderId);
				return null;
			}
		},
		history: {
			handler(ctx) {
				return historyOf(this, ctx.params.orderId);
			}
		},
		seed: {
			async handler(ctx) {
				await seed(this, ctx.params.items);
				return null;
			}
		},
		list: {
			async handler(ctx) {
				const { low, skuId, ...paging } = ctx.params;
				const where = {
					...(low && { level: { $in: ["low", "out"] } }),
					...(skuId && { _id: skuId })
				};
				const page = await this.stock.page(where, paging, { _id: 1 });
				return { ...page, items: page.items.map(view) };
			}
		},
		get: {
			async handler(ctx) {
				const { skuId } = ctx.params;
				const stock = await this.stock.findOne({ _id: skuId });
				if (stock) return view(stock);
				if (!(await isSku(ctx, skuId))) return view(await this.stock.get(skuId));
				const lowStockAt = this.config.get("inventory.lowStockAt");
				return { ...view(emptyStock(skuId, lowStockAt, new Date(0))), updatedAt: null };
			}
		},
		adjust: {
			async handler(ctx) {
				const { skuId, delta, reason, key } = ctx.params;
				if (delta === 0) throw invalid("delta", "noChange");
				const known = await this.stock.findOne({ _id: skuId });
				if (!known && !(await isSku(ctx, skuId))) await this.stock.get(skuId);
				const by = ctx.meta.user?.id ?? "system";
				const cause = `adjust:${by}:${key}`;
				return view(await adjust(this, skuId, { delta, cause, by, reason }));
			}
		},
		log: {
			async handler(ctx) {
				const { skuId, ...paging } = ctx.params;
				const page = await this.log.page({ skuId }, paging);
				return { ...page, items: page.items.map(rowView) };
			}
		}
	},

	events: {
		async "order.cancelled"(ctx) {
			await release(this, ctx.params.orderId);
		},
		async "order.paid"(ctx) {
			await deduct(this, ctx.params.orderId);
		},
		async "order.refunded"(ctx) {
			if (ctx.params.restock) await restock(this, ctx.params.orderId);
		}
	}
});

/** Whether the catalogue knows the SKU, which may have no stock yet. */
async function isSku(ctx: Parameters<typeof call>[0], skuId: string): Promise<boolean> {
	return (await call(ctx, "products.skus", { skuIds: [skuId] })).length > 0;
}
