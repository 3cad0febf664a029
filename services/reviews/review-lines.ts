import type { Page, PageQuery } from "../../mixins/store.mixin";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { ReviewLine, ReviewsContext } from "./reviews.context";

type OrderLines = {
	readonly orderId: string;
	readonly userId: string;
	readonly lines: readonly { readonly skuId: string; readonly productId: string }[];
};

/** Lets the lines of a completed order wait for reviews. A review that came before this fact closes its line again. */
export async function openLines(context: ReviewsContext, order: OrderLines): Promise<void> {
	await storeLines(context, order, true);
	const { orderId, lines } = order;
	const skuIds = lines.map(({ skuId }) => skuId);
	const reviewed = await context.reviews.find({ orderId, skuId: { $in: skuIds } }, { fields: ["skuId"] });
	for (const { skuId } of reviewed) await closeLine(context, orderId, skuId);
}

/** Closes the lines of an order whose goods went back, also those that are yet to be opened. */
export async function closeLines(context: ReviewsContext, order: OrderLines): Promise<void> {
	await storeLines(context, order, false);
	for (const { skuId } of order.lines) await closeLine(context, order.orderId, skuId);
}

async function storeLines(
	{ lines: store }: ReviewsContext,
	{ orderId, userId, lines }: OrderLines,
	isOpen: boolean
): Promise<void> {
	const completedAt = new Date();
	for (const { skuId, productId } of lines) {
		const _id = `${orderId}:${skuId}`;
		await store.insertOnce({ _id, orderId, skuId, productId, userId, completedAt, isOpen }, { _id });
	}
}

const closeLine = ({ lines }: ReviewsContext, orderId: string, skuId: string) =>
	lines.change({ _id: `${orderId}:${skuId}` }, { $set: { isOpen: false } });

/** A page of the user's lines that can be reviewed now, the newest order first. */
export async function readPendingLines(
	{ lines, config }: ReviewsContext,
	ctx: Ctx<object>,
	userId: string,
	query: PageQuery
) {
	const since = new Date(Date.now() - config.get("reviews.window") * 1000);
	const page: Page<ReviewLine> = await lines.page(
		{ userId, isOpen: true, completedAt: { $gte: since } },
		query
	);
	const skuIds = [...new Set(page.items.map(({ skuId }) => skuId))];
	const skus = skuIds.length > 0 ? await call(ctx, "products.skus", { skuIds }) : [];
	const skuOf = new Map(skus.map(sku => [sku.skuId, sku]));
	const items = page.items.map(({ orderId, skuId, productId, completedAt }) => {
		const { name = skuId, image = null, attributes = {} } = skuOf.get(skuId) ?? {};
		const line = { orderId, skuId, productId, name, image, attributes };
		return { ...line, completedAt: completedAt.toISOString() };
	});
	return { ...page, items };
}
