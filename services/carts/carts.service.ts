import { configMixin } from "../../mixins/config.mixin";
import { keyValueMixin } from "../../mixins/key-value.mixin";
import { carts, type MergedLine } from "../../schemas/carts.contract";
import { invalid, Refusal } from "../../schemas/errors";
import { call, service } from "../../schemas/registry";
import * as domain from "./cart.domain";
import {
	changeCart,
	changeUserCart,
	closeGuestCart,
	openCart,
	readCart,
	readUserCart,
	removeGuestCart
} from "./cart.store";
import { mergeGuestCart } from "./merge.domain";
import { fetchGoods, priceCart, viewCart } from "./priced-cart";

/** Owns carts, of users and of guests. What stands in one is a wish: prices and stock are looked up whenever it is shown. */
export default service(carts, {
	dependencies: ["products", "inventory", "promotions"],
	mixins: [keyValueMixin, configMixin],

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
		get: {
			async handler(ctx) {
				return viewCart(ctx, await readCart(this, ctx.meta));
			}
		},
		add: {
			async handler(ctx) {
				const { skuId, quantity } = ctx.params;
				const shelf = await fetchGoods(ctx, [skuId]);
				const { cart, guestId } = await openCart(this, ctx.meta, before =>
					domain.addUnits(before, { skuId, quantity }, shelf)
				);
				if (guestId) ctx.meta.$responseHeaders = { "X-Cart-Id": guestId };
				return viewCart(ctx, cart);
			}
		},
		setItem: {
			async handler(ctx) {
				const { skuId, quantity, selected } = ctx.params;
				const shelf = quantity === undefined ? new Map() : await fetchGoods(ctx, [skuId]);
				const cart = await changeCart(this, ctx.meta, before =>
					domain.setLine(before, skuId, { quantity, selected }, shelf)
				);
				return viewCart(ctx, cart);
			}
		},
		removeItem: {
			async handler(ctx) {
				const { skuId } = ctx.params;
				return viewCart(
					ctx,
					await changeCart(this, ctx.meta, cart => domain.removeLine(cart, skuId))
				);
			}
		},
		clear: {
			async handler(ctx) {
				return viewCart(ctx, await changeCart(this, ctx.meta, domain.clearLines));
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
				return viewCart(ctx, cart);
			}
		},
		merge: {
			// Close, merge once, remove: whatever a crash cuts off, the same request does again from where it was.
			async handler(ctx) {
				const { cartId } = ctx.params;
				const { user } = ctx.meta;
				if (!user) throw new Refusal("UNAUTHORIZED", "Sign in to merge a cart");
				const guest = await closeGuestCart(this, cartId, user.id);
				let merged: readonly MergedLine[] = [];
				if (guest) {
					const { lines } = guest;
					const rule = this.config.get("cart.mergeRule");
					const shelf = await fetchGoods(
						ctx,
						lines.map(line => line.skuId)
					);
					await changeUserCart(this, user.id, cart => {
						const result = mergeGuestCart(cart, { id: cartId, lines }, rule, shelf);
						merged = result.merged;
						return result.cart;
					});
					await removeGuestCart(this, cartId);
				}
				return { merged, ...(await viewCart(ctx, await readCart(this, ctx.meta))) };
			}
		},
		preview: {
			async handler(ctx) {
				const { items, addressId, couponCode } = ctx.params;
				const { user } = ctx.meta;
				if (addressId && !user) throw new Refusal("UNAUTHORIZED", "A guest has no addresses");
				const lines = items ?? domain.getSelectedLines(await readCart(this, ctx.meta));
				if (!lines.length) throw invalid("items", "noneSelected");
				const wanted = domain.sumDemand(lines);
				const skuIds = wanted.map(line => line.skuId);
				const fieldOf = (skuId: string) =>
					items ? `items[${items.findIndex(line => line.skuId === skuId)}].quantity` : "items";
				const shelf = await fetchGoods(ctx, skuIds);
				domain.assertBuyable(wanted, shelf, fieldOf);
				const address =
					addressId && user
						? await call(ctx, "users.address", { userId: user.id, addressId })
						: null;
				return priceCart(ctx, wanted, shelf, { province: address?.province, couponCode });
			}
		}
	},

	events: {
		// At least once and perhaps late: the cart remembers the orders that have left it.
		async "order.created"(ctx) {
			const { fromCart, userId, orderId, lines } = ctx.params;
			const skuIds = lines.map(line => line.skuId);
			if (fromCart)
				await changeUserCart(this, userId, cart => domain.dropOrderedLines(cart, orderId, skuIds));
		}
	}
});
