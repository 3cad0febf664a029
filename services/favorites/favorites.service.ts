import { collection, storeMixin } from "../../mixins/store.mixin";
import { favorites } from "../../schemas/favorites.contract";
import { requireUserId } from "../../schemas/kit/caller";
import { service } from "../../schemas/registry";
import { addFavorite, addViewToHistory, readEntries, removeFavorite } from "./edit-interests";
import type { Interests } from "./interests.domain";

/** Owns what users are interested in: their favourites, and the products that they looked at. */
export default service(favorites, {
	dependencies: ["products"],
	mixins: [
		storeMixin({
			favorites: collection<Interests>("favorites"),
			history: collection<Interests>("view_history")
		})
	],

	actions: {
		list: {
			async handler(ctx) {
				return readEntries(this.favorites, ctx, requireUserId(ctx), ctx.params);
			}
		},
		add: {
			async handler(ctx) {
				return addFavorite(this, ctx, requireUserId(ctx), ctx.params.productId);
			}
		},
		remove: {
			async handler(ctx) {
				await removeFavorite(this, requireUserId(ctx), ctx.params.productId);
				return null;
			}
		},
		clear: {
			async handler(ctx) {
				await this.favorites.remove({ _id: requireUserId(ctx) });
				return null;
			}
		},
		history: {
			async handler(ctx) {
				return readEntries(this.history, ctx, requireUserId(ctx), ctx.params);
			}
		},
		clearHistory: {
			async handler(ctx) {
				await this.history.remove({ _id: requireUserId(ctx) });
				return null;
			}
		},
		recordView: {
			async handler({ params: { userId, productId, price } }) {
				await addViewToHistory(this, userId, productId, price);
				return null;
			}
		},
		exportPersonalData: {
			async handler({ params: { userId } }) {
				const [added, seen] = await Promise.all([
					this.favorites.findOne({ _id: userId }),
					this.history.findOne({ _id: userId })
				]);
				return { favorites: added?.entries ?? [], history: seen?.entries ?? [] };
			}
		}
	},

	events: {
		async "user.closed"({ params: { userId } }) {
			await this.favorites.remove({ _id: userId });
			await this.history.remove({ _id: userId });
		}
	}
});
