import { configMixin } from "../../mixins/config.mixin";
import { keyValueMixin } from "../../mixins/key-value.mixin";
import { metricsMixin } from "../../mixins/metrics.mixin";
import { carts, type MergedLine } from "../../schemas/carts.contract";
import { findDemandField, sumDemand } from "../../schemas/values/demand";
import { invalid, Refusal } from "../../schemas/errors/errors";
import { call, service } from "../../schemas/registry";
import * as domain from "./cart.domain";
import {
	changeCart,
	changeUserCart,
	closeGuestCart,
	changeOrCreateCart,
	readCart,
	readUserCart,
	removeGuestCart,
	removeUserCart
} from "./cart.store";
import { CART_METRICS } from "./carts.metrics";
import { mergeGuestCart } from "./merge.domain";
import { fetchGoods, priceCart, buildCartView } from "./price-cart";

/** Owns the carts of users and guests. A cart holds wishes only: prices and stock are looked up whenever a cart is shown. */
export default service(carts, {
	dependencies: ["products", "inventory", "promotions"],
	mixins: [keyValueMixin, configMixin, metricsMixin(CART_METRICS)],

	actions: {
		selected: {
			async handler(ctx) {
				return domain.getSelectedLines(await readUserCart(this, ctx.params.userId));
			}
		},
		drop: {
			async handler(ctx) {
				const { userId, orderId, skuIds } = ctx.params;
				await changeUserCart(this, userId, cart => domain.dropOrderedLines(cart, orderId, skuIds));
				return null;
			}
		},
		exportPersonalData: {
			async handler(ctx) {
				const { lines } = await readUserCart(this, ctx.params.userId);
				return { cart: lines };
			}
		},
		get: {
			async handler(ctx) {
				return buildCartView(ctx, await readCart(this, ctx.meta));
			}
		},
		add: {
			async handler(ctx) {
				const { skuId, quantity } = ctx.params;
				const goods = await fetchGoods(ctx, [skuId]);
				const { cart, guestId } = await changeOrCreateCart(this, ctx.meta, before =>
					domain.addUnits(before, { skuId, quantity }, goods)
				);
				this.metrics.checkout({ step: "cart" });
				if (guestId) ctx.meta.$responseHeaders = { "X-Cart-Id": guestId };
				return buildCartView(ctx, cart);
			}
		},
		setItem: {
			async handler(ctx) {
				const { skuId, quantity, selected } = ctx.params;
				const goods = quantity === undefined ? new Map() : await fetchGoods(ctx, [skuId]);
				const cart = await changeCart(this, ctx.meta, before =>
					domain.setLine(before, skuId, { quantity, selected }, goods)
				);
				return buildCartView(ctx, cart);
			}
		},
		removeItem: {
			async handler(ctx) {
				const { skuId } = ctx.params;
				return buildCartView(
					ctx,
					await changeCart(this, ctx.meta, cart => domain.removeLine(cart, skuId))
				);
			}
		},
		clear: {
			async handler(ctx) {
				return buildCartView(ctx, await changeCart(this, ctx.meta, domain.clearLines));
			}
		},
		select: {
			async handler(ctx) {
				const { skuIds, all, selected } = ctx.params;
				const which = all ? "all" : skuIds;
				if (!which) throw invalid("skuIds", "linesOrAll");
				const cart = await changeCart(this, ctx.meta, before =>
					domain.selectLines(before, which, selected)
				);
				return buildCartView(ctx, cart);
			}
		},
		merge: {
			// Closes, merges once, removes: the same request, sent again after a crash, goes on from where the first one was.
			async handler(ctx) {
				const { cartId } = ctx.params;
				const { user } = ctx.meta;
				if (!user) throw new Refusal("UNAUTHORIZED", "Sign in to merge a cart");
				const guest = await closeGuestCart(this, cartId, user.id);
				let merged: readonly MergedLine[] = [];
				if (guest) {
					const { lines } = guest;
					const rule = this.config.get("cart.mergeRule");
					const goods = await fetchGoods(
						ctx,
						lines.map(line => line.skuId)
					);
					await changeUserCart(this, user.id, cart => {
						const result = mergeGuestCart(cart, { id: cartId, lines }, rule, goods);
						merged = result.merged;
						return result.cart;
					});
					await removeGuestCart(this, cartId);
				}
				return { merged, ...(await buildCartView(ctx, await readCart(this, ctx.meta))) };
			}
		},
		preview: {
			async handler(ctx) {
				const { items, addressId, couponCode, usePoints } = ctx.params;
				const { user } = ctx.meta;
				if (addressId && !user) throw new Refusal("UNAUTHORIZED", "A guest has no addresses");
				const lines = items ?? domain.getSelectedLines(await readCart(this, ctx.meta));
				if (!lines.length) throw invalid("items", "noneSelected");
				const demand = sumDemand(lines);
				const skuIds = demand.map(line => line.skuId);
				const goods = await fetchGoods(ctx, skuIds);
				domain.assertBuyable(demand, goods, findDemandField(items));
				const address =
					addressId && user
						? await call(ctx, "users.address", { userId: user.id, addressId })
						: null;
				const priced = await priceCart(ctx, demand, goods, {
					province: address?.province,
					couponCode,
					usePoints,
					offerCoupons: true
				});
				this.metrics.checkout({ step: "preview" });
				return priced;
			}
		}
	},

	events: {
		async "user.closed"(ctx) {
			await removeUserCart(this, ctx.params.userId);
		},
		// Facts may come late and more than once: the cart remembers the orders whose lines have left it.
		async "order.created"(ctx) {
			const { fromCart, userId, orderId, lines } = ctx.params;
			const skuIds = lines.map(line => line.skuId);
			if (fromCart)
				await changeUserCart(this, userId, cart => domain.dropOrderedLines(cart, orderId, skuIds));
		}
	}
});
