import { action, contract } from "./kit/contract";
import { cardRule } from "./products.views";
import * as r from "./kit/rules";

export const related = contract("related", {
	ofProduct: action({ id: r.id() })
		.returns(r.list(cardRule(), { max: 12 }))
		.rest(
			"GET /products/:id/related",
			"public",
			"What is bought with a product, then its category's best",
			{
				cacheTags: () => ["products", "promotions"],
				errors: ["NOT_FOUND"]
			}
		)
});
