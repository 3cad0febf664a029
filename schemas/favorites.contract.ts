import { action, contract } from "./kit/contract";
import { personalDataActions } from "./kit/personal-data";
import { cardFields } from "./products.views";
import * as r from "./kit/rules";

/** The card of a product, with the time and the price (fen) at which the user added or saw it. */
const entry = r.obj("ProductOfInterest", { ...cardFields, addedAt: r.time(), priceThen: r.fen() });
export type InterestView = r.TypeOf<typeof entry>;

const ofProduct = { productId: r.id() };

export const favorites = contract("favorites", {
	...personalDataActions,
	list: action(r.paging)
		.returns(r.pageOf(entry))
		.rest(
			"GET /me/favorites",
			"user",
			"Own favourites, the latest first; those off the shelf are left out"
		),
	add: action(ofProduct, { repeatable: true })
		.returns(entry)
		.rest("PUT /me/favorites/:productId", "user", "Add a product on the shelf; at most 500", {
			errors: ["NOT_FOUND", "LIMIT_REACHED"]
		}),
	remove: action(ofProduct, { repeatable: true })
		.returns(r.nothing)
		.rest("DELETE /me/favorites/:productId", "user", "Remove a favourite"),
	clear: action({}, { repeatable: true })
		.returns(r.nothing)
		.rest("DELETE /me/favorites", "user", "Remove all favourites"),

	history: action(r.paging)
		.returns(r.pageOf(entry))
		.rest("GET /me/history", "user", "The last 200 products that the user looked at, the latest first"),
	clearHistory: action({}, { repeatable: true })
		.returns(r.nothing)
		.rest("DELETE /me/history", "user", "Forget what the user looked at"),
	/** Notes that the user looks at the product. */
	recordView: action({ userId: r.id(), ...ofProduct, price: r.fen() }, { repeatable: true }).returns(
		r.nothing
	)
});
