import { cacheTagMixin } from "../../mixins/cache.mixin";
import { configMixin } from "../../mixins/config.mixin";
import { metricsMixin } from "../../mixins/metrics.mixin";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin, type Where } from "../../mixins/store.mixin";
import { MAX_UNITS } from "../../schemas/values/demand";
import { invalid } from "../../schemas/errors/errors";
import { inventory } from "../../schemas/inventory.contract";
import type { Ctx } from "../../schemas/kit/service";
import { call, service } from "../../schemas/registry";
import { settings } from "../../settings";
import { adjustStock, seedStock } from "./adjust-stock";
import type { InventoryContext } from "./inventory.context";
import { INVENTORY_METRICS, stockFactCounts } from "./inventory.metrics";
import { readStockHistory } from "./read-history";
import { sumAndSortDemand, type Reservation } from "./reservation.domain";
import {
	deductIfOpen,
	deductStock,
	giveBackReservation,
	releaseStock,
	returnStock
} from "./reservation.transitions";
import { returnUnits } from "./return-units";
import { reserveStock } from "./reserve-stock";
import { refreshStockLevels } from "./stock-counter";
import { createEmptyStock, toChangeView, toStockView, type LedgerRow, type Stock } from "./stock.domain";
import { sweepOverdueReservations, sweepUnfinishedChanges } from "./sweep-reservations";

/** Work older than this is abandoned: its call has timed out. A process that is still alive fails at the guard of its write. */
const STALE_MS = settings.requestTimeoutMs + 4_000;

/** Owns the stock of each SKU, the reservations of orders, and the ledger of every change. */
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
				{ keys: { state: 1, expiresAt: 1 } },
				{ keys: { returningSince: 1 }, sparse: true }
			]),
			ledger: collection<LedgerRow>("stock_log", [
				{ keys: { skuId: 1, cause: 1 }, unique: true },
				{ keys: { skuId: 1, _id: -1 } }
			])
		}),
		configMixin,
		metricsMixin(INVENTORY_METRICS, stockFactCounts),
		cacheTagMixin("stock"),
		// Three sweeps, so that none waits for another that fails.
		scheduleMixin<InventoryContext>(
			{
				name: "unfinished stock changes",
				every: "inventory.sweepEvery",
				run() {
					return sweepUnfinishedChanges(this, new Date(Date.now() - STALE_MS));
				}
			},
			{
				name: "stock levels",
				every: "inventory.sweepEvery",
				run() {
					return refreshStockLevels(this);
				}
			},
			{
				name: "overdue reservations",
				every: "inventory.sweepEvery",
				run() {
					const grace = this.config.get("inventory.reservationGrace");
					return sweepOverdueReservations(this, new Date(Date.now() - grace * 1000));
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
				const { orderId, owner } = ctx.params;
				const expiresAt = new Date(ctx.params.expiresAt);
				const lines = sumAndSortDemand(ctx.params.lines);
				if (lines.some(({ quantity }) => quantity > MAX_UNITS))
					throw invalid("lines", "unitsMax", MAX_UNITS);
				await reserveStock(this, orderId, lines, expiresAt, owner);
				return null;
			}
		},
		release: {
			async handler(ctx) {
				await releaseStock(this, ctx.params.orderId);
				return null;
			}
		},
		history: {
			handler(ctx) {
				return readStockHistory(this, ctx.params.orderId);
			}
		},
		seed: {
			async handler(ctx) {
				await seedStock(this, ctx.params.items);
				return null;
			}
		},
		list: {
			async handler(ctx) {
				const { low, skuId, ...paging } = ctx.params;
				const where: Where<Stock> = {
					...(low && { level: { $in: ["low", "out"] } }),
					...(skuId && { _id: skuId })
				};
				const page = await this.stock.page(where, paging, { _id: 1 });
				if (skuId === undefined || low || page.total > 0)
					return { ...page, items: page.items.map(toStockView) };
				const empty = await findUntouchedStock(this, ctx, skuId);
				return { ...page, items: empty ? [empty] : [], total: empty ? 1 : 0 };
			}
		},
		get: {
			async handler(ctx) {
				const { skuId } = ctx.params;
				const stock = await this.stock.findOne({ _id: skuId });
				if (stock) return toStockView(stock);
				const empty = await findUntouchedStock(this, ctx, skuId);
				return empty ?? toStockView(await this.stock.get(skuId));
			}
		},
		adjust: {
			async handler(ctx) {
				const { skuId, delta, reason, key } = ctx.params;
				if (delta === 0) throw invalid("delta", "noChange");
				const known = await this.stock.findOne({ _id: skuId });
				if (!known && !(await isKnownSku(ctx, skuId))) await this.stock.get(skuId);
				const by = ctx.meta.user?.id ?? "system";
				const cause = `adjust:${by}:${key}`;
				return toStockView(await adjustStock(this, skuId, { delta, cause, by, reason }));
			}
		},
		log: {
			async handler(ctx) {
				const { skuId, ...paging } = ctx.params;
				const page = await this.ledger.page({ skuId }, paging);
				return { ...page, items: page.items.map(toChangeView) };
			}
		}
	},

	events: {
		async "order.cancelled"(ctx) {
			await releaseStock(this, ctx.params.orderId);
		},
		async "order.paid"(ctx) {
			await deductStock(this, ctx.params.orderId);
		},
		async "order.refunded"(ctx) {
			const { orderId, restock, unsent = [] } = ctx.params;
			if (restock) await returnStock(this, orderId);
			else if (unsent.length)
				await returnUnits(this, orderId, { cause: "unsent", by: "system", lines: unsent });
		},
		async "order.units_refunded"(ctx) {
			const { orderId, claimId: cause, lines } = ctx.params;
			const unsent = lines
				.map(line => ({ skuId: line.skuId, quantity: line.unsent }))
				.filter(({ quantity }) => quantity > 0);
			if (unsent.length) await returnUnits(this, orderId, { cause, by: "system", lines: unsent });
		},
		async "after_sale.approved"({ params: { reservationId } }) {
			if (reservationId !== undefined) await deductIfOpen(this, reservationId);
		},
		async "after_sale.rejected"({ params: { reservationId } }) {
			if (reservationId !== undefined) await giveBackReservation(this, reservationId);
		},
		async "after_sale.cancelled"({ params: { reservationId } }) {
			if (reservationId !== undefined) await giveBackReservation(this, reservationId);
		},
		async "after_sale.returned"(ctx) {
			const { orderId, afterSaleId: cause, restock: lines, by } = ctx.params;
			if (lines.length) await returnUnits(this, orderId, { cause, by, lines });
		}
	}
});

/** The row of a SKU that never had stock; null where there is no such SKU. */
async function findUntouchedStock({ config }: InventoryContext, ctx: Ctx<unknown>, skuId: string) {
	if (!(await isKnownSku(ctx, skuId))) return null;
	const empty = createEmptyStock(skuId, config.get("inventory.lowStockAt"), new Date(0));
	return { ...toStockView(empty), updatedAt: null };
}

/** Whether the catalogue knows the SKU, which may have no stock yet. */
async function isKnownSku(ctx: Parameters<typeof call>[0], skuId: string): Promise<boolean> {
	return (await call(ctx, "products.skus", { skuIds: [skuId] })).length > 0;
}
