import { sumDemand, type Demand } from "../../schemas/values/demand";
import { invalid, Refusal } from "../../schemas/errors/errors";
import { assertAvailable, joinGoods, toQuoteLines, type GoodsBySku } from "../../schemas/values/goods";
import type { Ctx } from "../../schemas/kit/service";
import type { OrderItem } from "../../schemas/orders.views";
import type { GiftLine, Quote } from "../../schemas/promotions.contract";
import { call } from "../../schemas/registry";
import { fold } from "../../schemas/values/text";
import type { Order, StoredItem } from "./order.domain";

export type OrderRequest = {
	/** Absent: the selected lines of the user's cart. */
	readonly items?: readonly Demand[] | undefined;
	readonly addressId: string;
	readonly couponCode?: string | undefined;
	readonly usePoints?: number | undefined;
	readonly remark?: string | undefined;
	/** Total that the user has seen; the order is refused when it costs another. */
	readonly expectedTotal?: number | undefined;
};
export type PricedOrder = Pick<
	Order,
	| "items"
	| "nameKeys"
	| "codeKeys"
	| "fromCart"
	| "address"
	| "itemsTotal"
	| "discounts"
	| "discountTotal"
	| "notApplied"
	| "points"
	| "promotionUses"
	| "couponId"
	| "shippingFee"
	| "total"
	| "currency"
>;

/** Units to order of each SKU: the request's lines, or the selected ones of the cart. */
export async function fetchDemand(
	ctx: Ctx<unknown>,
	userId: string,
	{ items }: OrderRequest
): Promise<Demand[]> {
	const lines = items ?? (await call(ctx, "carts.selected", { userId }));
	if (!lines.length) throw invalid("items", "noneSelected");
	return sumDemand(lines);
}

/**
 * Goods at present prices and stock; refuses demand that can't be met. Only `inventory.reserve` decides about stock: this look
 * comes first so that a crowd that is too late costs next to nothing.
 */
export async function fetchAvailableGoods(
	ctx: Ctx<unknown>,
	demand: readonly Demand[],
	fieldOf: (skuId: string) => string
): Promise<GoodsBySku> {
	const skuIds = demand.map(({ skuId }) => skuId);
	const [skus, stock] = await Promise.all([
		call(ctx, "products.skus", { skuIds }),
		call(ctx, "inventory.query", { skuIds })
	]);
	const goods = joinGoods(skus, stock);
	assertAvailable(demand, goods, fieldOf);
	return goods;
}

/** Prices the order; refuses a coupon that can't be used and a total other than the expected one. */
export async function priceOrder(
	ctx: Ctx<unknown>,
	userId: string,
	{ items, addressId, couponCode, usePoints, expectedTotal }: OrderRequest,
	demand: readonly Demand[],
	goods: GoodsBySku
): Promise<PricedOrder> {
	const address = await call(ctx, "users.address", { userId, addressId });
	const quote = await call(ctx, "promotions.quote", {
		userId,
		lines: toQuoteLines(demand, goods),
		province: address.province,
		...(couponCode !== undefined && { couponCode }),
		...(usePoints !== undefined && { usePoints })
	});
	// A cart's preview names the coupon's fault and goes on; an order without the discount would not be what the user wants.
	if (couponCode !== undefined && quote.couponId === null) {
		const refused = quote.notApplied.find(({ id }) => id === couponCode);
		throw new Refusal("COUPON_UNAVAILABLE", "The coupon can't be used for this order", {
			id: couponCode,
			reason: refused?.reason ?? "NOT_FOUND"
		});
	}
	if (usePoints !== undefined && quote.points.used < usePoints)
		throw new Refusal("POINTS_UNAVAILABLE", "Not so many points can be used", {
			requested: usePoints,
			usable: quote.points.usable
		});
	refuseUndeliverable(quote.lines, address.province);
	const { itemsTotal, discounts, discountTotal, shippingFee, total, currency } = quote;
	if (expectedTotal !== undefined && expectedTotal !== total)
		throw new Refusal("PRICE_CHANGED", "The total is another than expected", { total, expectedTotal });
	return {
		items: [...quote.lines.map(line => toOrderItem(line, goods)), ...quote.gifts.map(toGiftItem)],
		nameKeys: foldOnce([...goods.values(), ...quote.gifts].map(({ name }) => name)),
		codeKeys: foldOnce([...goods.values(), ...quote.gifts].map(({ code }) => code)),
		fromCart: items === undefined,
		address,
		itemsTotal,
		discounts,
		discountTotal,
		notApplied: quote.notApplied.filter(({ reason }) => reason !== "SCOPE"),
		points: quote.points,
		promotionUses: quote.uses,
		couponId: quote.couponId,
		shippingFee,
		total,
		currency
	};
}

function refuseUndeliverable(lines: Quote["lines"], province: string): void {
	const items = lines.flatMap(({ skuId, problem }) => (problem ? [{ skuId, province }] : []));
	if (items.length) throw new Refusal("NOT_DELIVERABLE", "Not sent to this province", { items });
}

const foldOnce = (texts: readonly string[]): string[] => [...new Set(texts.map(fold))];

function toOrderItem(
	line: Pick<OrderItem, "skuId" | "listPrice" | "price" | "quantity" | "discount" | "amount">,
	goods: GoodsBySku
): StoredItem {
	const sku = goods.get(line.skuId);
	if (!sku) throw new Error(`The quote has a line that was not asked for: ${line.skuId}`);
	const { productId, name, image, attributes } = sku;
	const { skuId, listPrice, price, quantity, discount, amount } = line;
	const prices = { listPrice, price, quantity, discount, amount };
	return { skuId, productId, name, image, attributes, ...prices, gift: false, shippedQuantity: 0 };
}

function toGiftItem({ skuId, productId, name, image, attributes, quantity }: GiftLine): StoredItem {
	const prices = { listPrice: 0, price: 0, quantity, discount: 0, amount: 0 };
	return { skuId, productId, name, image, attributes, ...prices, gift: true, shippedQuantity: 0 };
}
