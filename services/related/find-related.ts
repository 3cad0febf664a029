import { Refusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import type { ProductCard } from "../../schemas/products.views";
import { call } from "../../schemas/registry";
import type { RelatedContext } from "./related.context";
import { countOrder, createTogether, MAX_PRODUCTS } from "./together.domain";

const MAX_RELATED = 12;

type CompletedOrder = {
	readonly orderId: string;
	readonly lines: readonly { readonly productId: string }[];
};

/** Counts for each product of the order that the others were bought with it. */
export async function countTogether(
	{ together }: RelatedContext,
	{ orderId, lines }: CompletedOrder
): Promise<void> {
	const productIds = [...new Set(lines.map(({ productId }) => productId))].slice(0, MAX_PRODUCTS);
	if (productIds.length < 2) return;
	for (const productId of productIds)
		await together.rewrite(
			productId,
			before => {
				const counted = countOrder(before, orderId, productIds);
				const { version } = before;
				return (
					counted && { guard: { version }, update: { $set: { ...counted, version: version + 1 } } }
				);
			},
			{ initial: createTogether(productId) }
		);
}

/** Cards of what is bought with the product, then of its category's best-sellers; refuses a product that is not on the shelf. */
export async function findRelated(
	{ together }: RelatedContext,
	ctx: Ctx<object>,
	id: string
): Promise<ProductCard[]> {
	const others = (await together.findOne({ _id: id }))?.others ?? [];
	// The product itself comes first: its category is needed.
	const productIds = [id, ...others.map(({ productId }) => productId)].slice(0, 100);
	const [product, ...bought] = await call(ctx, "products.cards", { productIds });
	if (product?.id !== id)
		throw new Refusal("NOT_FOUND", "No such product on the shelf", { what: "product", id });
	if (bought.length >= MAX_RELATED) return bought.slice(0, MAX_RELATED);
	const { categoryId } = product;
	const pageSize = MAX_RELATED + 1 + bought.length;
	const best = await call(ctx, "products.list", { categoryId, sort: "sales", pageSize });
	const known = new Set([id, ...bought.map(card => card.id)]);
	return [...bought, ...best.items.filter(card => !known.has(card.id))].slice(0, MAX_RELATED);
}
