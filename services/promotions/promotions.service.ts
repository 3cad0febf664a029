import { cacheMixin } from "../../mixins/cache.mixin";
import { configMixin } from "../../mixins/config.mixin";
import {
	QUOTA_HOLD_INDEXES,
	QUOTA_INDEXES,
	readQuotas,
	sweepQuotas,
	type Quota,
	type QuotaHold
} from "../../mixins/quotas";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, ignoreDuplicate, storeMixin, type Where } from "../../mixins/store.mixin";
import { notFound } from "../../schemas/errors/errors";
import { promotions } from "../../schemas/promotions.contract";
import { call, service } from "../../schemas/registry";
import { joinGoods, assertAvailable, toQuoteLines } from "../../schemas/values/goods";
import { findDemandField, sumDemand } from "../../schemas/values/demand";
import { settings } from "../../settings";
import { readCurrentPromotions, readRunningPromotions, stockQuotaOf } from "./current-promotions";
import {
	addPromotion,
	checkPromotion,
	editPromotion,
	findUnknownIds,
	getPromotion,
	removePromotion
} from "./edit-promotion";
import { quotePrices, quoteWithPromotions } from "./quote-prices";
import * as domain from "./promotion.domain";
import type { PromotionsContext } from "./promotions.context";
import { compileScope } from "./scope.domain";
import { showPromotions } from "./show-promotions";
import { giveBackUses, giveBackUsesOfPlaced, takeUses } from "./take-uses";

/** Work older than this is abandoned: its call has timed out. A process that is still alive fails at the guard of its write. */
const STALE_MS = settings.requestTimeoutMs + 4_000;

/** Owns the promotions and calculates every price: cart, preview, order and product pages show the prices of this service. */
export default service(promotions, {
	mixins: [
		storeMixin({
			promotions: collection<domain.Promotion>("promotions", [
				{ keys: { enabled: 1, removed: 1, endsAt: 1 } },
				{ keys: { removed: 1, _id: -1 } }
			]),
			quotas: collection<Quota>("promotion_quotas", QUOTA_INDEXES),
			quotaHolds: collection<QuotaHold>("promotion_holds", QUOTA_HOLD_INDEXES)
		}),
		cacheMixin("promotions", { ttlMs: 500, max: 10 }, { follows: "shipping" }),
		configMixin,
		scheduleMixin<PromotionsContext>({
			name: "unfinished uses of promotions",
			every: "promotions.sweepEvery",
			run() {
				return sweepQuotas(this, new Date(Date.now() - STALE_MS));
			}
		})
	],

	actions: {
		quote: {
			async handler(ctx) {
				return quotePrices(this, ctx, ctx.params);
			}
		},
		take: {
			async handler(ctx) {
				await takeUses(this, ctx.params);
				return null;
			}
		},
		giveBack: {
			async handler({ params: { orderId } }) {
				await giveBackUses(this, orderId);
				return null;
			}
		},
		showcase: {
			async handler({ params }) {
				return showPromotions(this, params);
			}
		},
		scopeFaults: {
			async handler(ctx) {
				return findUnknownIds(ctx, ctx.params.scope);
			}
		},
		scope: {
			async handler({ params: { id } }) {
				const running = await readRunningPromotions(this, new Date());
				return running.find(({ promotion }) => promotion._id === id)?.promotion.scope ?? null;
			}
		},

		browse: {
			async handler(ctx) {
				const { productId, type, page = 1, pageSize = 20 } = ctx.params;
				const now = new Date();
				const current = await readCurrentPromotions(this);
				const [goods] =
					productId === undefined
						? []
						: await call(ctx, "products.goods", { productIds: [productId] });
				const found = current.filter(
					({ promotion, covers }) =>
						promotion.endsAt > now &&
						(type === undefined || promotion.type === type) &&
						(productId === undefined ||
							goods?.skuIds.some(skuId => covers({ ...goods, skuId })) === true)
				);
				const shown = found
					.slice((page - 1) * pageSize, page * pageSize)
					.map(({ promotion }) => promotion);
				return {
					items: await withUses(this, shown, domain.toCard),
					page,
					pageSize,
					total: found.length
				};
			}
		},
		list: {
			async handler({ params: { type, status, ...paging } }) {
				const where: Where<domain.Promotion> = {
					removed: false,
					...(type !== undefined && { type }),
					...(status !== undefined && statusFilter(status, new Date()))
				};
				const page = await this.promotions.page(where, paging);
				return { ...page, items: await withUses(this, page.items, domain.toView) };
			}
		},
		get: {
			async handler({ params: { id } }) {
				return view(this, await getPromotion(this, id));
			}
		},
		create: {
			async handler(ctx) {
				return view(this, await addPromotion(this, ctx, ctx.params));
			}
		},
		edit: {
			async handler(ctx) {
				const { id, ...patch } = ctx.params;
				return view(this, await editPromotion(this, ctx, id, patch));
			}
		},
		remove: {
			async handler({ params: { id } }) {
				await removePromotion(this, id);
				return null;
			}
		},
		overlaps: {
			async handler({ params: { id } }) {
				const promotion = await getPromotion(this, id);
				const current = await readCurrentPromotions(this);
				return domain
					.findOverlaps(
						promotion,
						current.map(each => each.promotion)
					)
					.map(({ _id, name, type, priority }) => ({ id: _id, name, type, priority }));
			}
		},
		simulate: {
			async handler(ctx) {
				const { id, promotion: given, items, userId } = ctx.params;
				const draft = domain.createPromotion(id ?? "draft", given, new Date());
				await checkPromotion(this, ctx, draft);
				const demand = sumDemand(items);
				const skuIds = demand.map(({ skuId }) => skuId);
				const [skus, stock] = await Promise.all([
					call(ctx, "products.skus", { skuIds }),
					call(ctx, "inventory.query", { skuIds })
				]);
				const goods = joinGoods(skus, stock);
				assertAvailable(demand, goods, findDemandField(items));
				const request = { userId: userId ?? null, lines: toQuoteLines(demand, goods) };
				const running = await readRunningPromotions(this, new Date());
				const others = running.filter(({ promotion }) => promotion._id !== draft._id);
				const changed = [...others, { promotion: draft, covers: compileScope(draft.scope) }];
				const [
					{ uses: _usesBefore, couponId: _couponBefore, ...before },
					{ uses: _usesAfter, couponId: _couponAfter, ...after }
				] = await Promise.all([
					quoteWithPromotions(this, ctx, request, running),
					quoteWithPromotions(this, ctx, request, draft.enabled ? changed : others)
				]);
				return { before, after };
			}
		},
		import: {
			async handler(ctx) {
				for (const { id, ...given } of ctx.params.promotions)
					if (!(await this.promotions.findOne({ _id: id }, { fields: ["_id"] })))
						await ignoreDuplicate(addPromotion(this, ctx, given, id));
				return null;
			}
		}
	},

	events: {
		async "order.cancelled"(ctx) {
			await giveBackUsesOfPlaced(this, ctx.params.orderId);
		},
		// Units of an order that was refunded before it was shipped are for sale again.
		async "order.refunded"(ctx) {
			if (ctx.params.restock) await giveBackUsesOfPlaced(this, ctx.params.orderId);
		}
	}
});

type Seen<V> = (promotion: domain.Promotion, used: number, now: Date) => V;
async function withUses<V>(
	context: PromotionsContext,
	found: readonly domain.Promotion[],
	toSeen: Seen<V>
): Promise<V[]> {
	const quotas = await readQuotas(
		context,
		found.map(({ _id }) => stockQuotaOf(_id))
	);
	const now = new Date();
	return found.map(promotion => toSeen(promotion, quotas.get(stockQuotaOf(promotion._id))?.used ?? 0, now));
}

async function view(context: PromotionsContext, promotion: domain.Promotion) {
	const [seen] = await withUses(context, [promotion], domain.toView);
	if (!seen) throw notFound("promotion", promotion._id);
	return seen;
}

function statusFilter(status: ReturnType<typeof domain.getStatus>, now: Date): Where<domain.Promotion> {
	switch (status) {
		case "disabled":
			return { enabled: false };
		case "ended":
			return { enabled: true, endsAt: { $lte: now } };
		case "running":
			return { enabled: true, startsAt: { $lte: now }, endsAt: { $gt: now } };
		case "coming":
			return { enabled: true, startsAt: { $gt: now } };
	}
}
