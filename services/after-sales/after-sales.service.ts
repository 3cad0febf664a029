import { configMixin } from "../../mixins/config.mixin";
import {
	jumpGuardedClock,
	REFUSAL_INDEXES,
	removeExpiredRefusals,
	type StoredRefusal
} from "../../mixins/platform";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, storeMixin, type Where } from "../../mixins/store.mixin";
import { afterSales } from "../../schemas/after-sales.contract";
import { getStaffId, requireUserId } from "../../schemas/kit/caller";
import type { Ctx } from "../../schemas/kit/service";
import { call, service } from "../../schemas/registry";
import { canWithdraw, VISIBLE_STATUSES, type AfterSale } from "./after-sale.domain";
import { toStaffView, toView } from "./after-sale-view.domain";
import { notInState } from "./after-sale.transitions";
import type { AfterSalesContext } from "./after-sales.context";
import { approveForStaff } from "./decide-case";
import { cancelCasesOfRefunded, endCase } from "./end-case";
import { applyDelivery, endUnapprovedReservations, shipExchange } from "./exchange-goods";
import { eraseBuyer, exportCases, listOpenCases } from "./manage-personal-data";
import { openOnce } from "./open-case";
import { applyFailedRefund, applyRefund } from "./refund-case";
import { receiveGoods, sendBack } from "./return-goods";
import { sweepCases } from "./sweep-cases";

/** Owns the after-sales cases. Units belong to `orders`, money to `payments`, stock to `inventory`. */
export default service(afterSales, {
	dependencies: ["orders"],
	mixins: [
		storeMixin({
			cases: collection<AfterSale>("after_sales", [
				{ keys: { key: 1 }, unique: true, sparse: true },
				{ keys: { afterSaleNo: 1 }, unique: true },
				{ keys: { userId: 1, status: 1, _id: -1 } },
				{ keys: { orderId: 1, status: 1 } },
				{ keys: { status: 1, _id: -1 } },
				{ keys: { deadline: 1 }, sparse: true }
			]),
			refusals: collection<StoredRefusal>("after_sale_refusals", REFUSAL_INDEXES)
		}),
		configMixin,
		scheduleMixin<AfterSalesContext>(
			{
				name: "after-sales cases past a deadline",
				every: "afterSales.sweepEvery",
				async run() {
					await sweepCases(this, jumpGuardedClock.now());
				}
			},
			{
				name: "remove expired refusals",
				every: "housekeeping.sweepEvery",
				async run() {
					await removeExpiredRefusals(this.refusals);
				}
			}
		)
	],

	actions: {
		preview: {
			async handler(ctx) {
				const { orderId, type = "refund" } = ctx.params;
				const items = ctx.params.items.split(",").map(part => {
					const at = part.lastIndexOf(":");
					return { skuId: part.slice(0, at), quantity: Number(part.slice(at + 1)) };
				});
				const userId = requireUserId(ctx);
				const quote = await call(ctx, "orders.quoteUnits", { orderId, userId, type, items });
				const { shipping, points, maximum } = quote;
				return {
					items: quote.items.map(({ skuId, quantity, amount }) => ({ skuId, quantity, amount })),
					shipping,
					points,
					maximum
				};
			}
		},
		create: {
			handler(ctx) {
				return openOnce(this, ctx, requireUserId(ctx), ctx.params);
			}
		},
		list: {
			async handler(ctx) {
				const { status, orderId, ...page } = ctx.params;
				const userId = requireUserId(ctx);
				const cases = await this.cases.page(buildFilter({ userId, status, orderId }), page);
				return { ...cases, items: cases.items.map(toView) };
			}
		},
		get: {
			async handler(ctx) {
				return toView(await getOwnCase(this, ctx));
			}
		},
		cancel: {
			async handler(ctx) {
				const afterSale = await getOwnCase(this, ctx);
				if (!canWithdraw(afterSale)) throw notInState(afterSale, "cancelled");
				const ending = { event: "withdrawn", by: afterSale.userId, reason: "withdrawn" } as const;
				return toView(await endCase(this, ctx, afterSale, ending));
			}
		},
		sendBack: {
			async handler(ctx) {
				return toView(await sendBack(this, await getOwnCase(this, ctx), ctx.params));
			}
		},
		adminList: {
			async handler(ctx) {
				const { status, orderId, type, userId, ...page } = ctx.params;
				const where = buildFilter({ status, orderId, type, userId });
				const cases = await this.cases.page(where, page);
				return { ...cases, items: cases.items.map(toStaffView) };
			}
		},
		adminGet: {
			async handler(ctx) {
				return toStaffView(await getCase(this, ctx.params.id));
			}
		},
		approve: {
			async handler(ctx) {
				const { id, amount } = ctx.params;
				const approval = { by: getStaffId(ctx), amount };
				return toStaffView(await approveForStaff(this, ctx, await getCase(this, id), approval));
			}
		},
		reject: {
			async handler(ctx) {
				const { id, reason } = ctx.params;
				const ending = { event: "rejected", by: getStaffId(ctx), reason } as const;
				return toStaffView(await endCase(this, ctx, await getCase(this, id), ending));
			}
		},
		receive: {
			async handler(ctx) {
				const { id, restock } = ctx.params;
				const afterSale = await getCase(this, id);
				return toStaffView(
					await receiveGoods(this, ctx, afterSale, { restock, by: getStaffId(ctx) })
				);
			}
		},
		ship: {
			async handler(ctx) {
				const { id, carrier, trackingNo } = ctx.params;
				const sent = { carrier, trackingNo, by: getStaffId(ctx) };
				return toStaffView(await shipExchange(this, ctx, await getCase(this, id), sent));
			}
		},
		settleReservations: {
			handler(ctx) {
				return endUnapprovedReservations(this, ctx.params.reservationIds);
			}
		},
		exportPersonalData: {
			async handler(ctx) {
				return { cases: await exportCases(this, ctx.params.userId) };
			}
		},
		listOpenMatters: {
			handler(ctx) {
				return listOpenCases(this, ctx.params.userId);
			}
		}
	},

	events: {
		async "user.closed"(ctx) {
			await eraseBuyer(this, ctx, ctx.params.userId);
		},
		async "shipment.delivered"(ctx) {
			await applyDelivery(this, ctx.params);
		},
		async "order.units_refunded"(ctx) {
			await applyRefund(this, ctx.params);
		},
		async "order.units_refund_failed"(ctx) {
			await applyFailedRefund(this, ctx.params);
		},
		async "order.refunded"(ctx) {
			await cancelCasesOfRefunded(this, ctx, ctx.params);
		}
	}
});

const getCase = ({ cases }: Pick<AfterSalesContext, "cases">, id: string, scope: Where<AfterSale> = {}) =>
	cases.get(id, { ...scope, status: { $in: VISIBLE_STATUSES } });
const getOwnCase = (context: Pick<AfterSalesContext, "cases">, ctx: Ctx<{ readonly id: string }>) =>
	getCase(context, ctx.params.id, { userId: requireUserId(ctx) });

type Filter = { readonly [K in "userId" | "orderId" | "type" | "status"]?: AfterSale[K] | undefined };

function buildFilter({ status, ...filter }: Filter): Where<AfterSale> {
	const given = Object.entries(filter).filter(([, value]) => value !== undefined);
	return { ...Object.fromEntries(given), status: status ?? { $in: VISIBLE_STATUSES } };
}
