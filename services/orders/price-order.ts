import { invalid, Refusal } from "../../schemas/errors";
import type { Ctx } from "../../schemas/kit";
import type { OrderItem } from "../../schemas/orders.contract";
import type { SkuForSale } from "../../schemas/products.contract";
import { call } from "../../schemas/registry";
import type { LimitedLine } from "./purchase-limit";
import type { Order } from "./order.domain";

export type OrderRequest = {
	readonly items?: readonly { readonly skuId: string; readonly quantity: number }[] | undefined;
	readonly addressId: string;
	readonly couponCode?: string | undefined;
	readonly remark?: string | undefined;
	readonly expectedTotal?: number | undefined;
};
export type PricedOrder = Pick<
	Order,
	| "items"
	| "fromCart"
	| "address"
	| "itemsTotal"
	| "discounts"
	| "discountTotal"
	| "shippingFee"
	| "total"
	| "currency"
>;

/** What is asked for, at present prices: everything an order takes from others before it holds anything. */
export async function priceOrder(
	ctx: Ctx<unknown>,
	userId: string,
	asked: OrderRequest
): Promise<{ readonly priced: PricedOrder; readonly limited: readonly LimitedLine[] }> {
	const wanted = asked.items ?? (await call(ctx, "carts.selected", { userId }));
	if (!wanted.length) throw invalid("items", "noneSelected");
	const fieldOf = (skuId: string) =>
		asked.items ? `items[${asked.items.findIndex(line => line.skuId === skuId)}].quantity` : "items";
	const demand = summed(wanted);
	for (const [skuId, quantity] of demand)
		if (quantity > 9999) throw invalid(fieldOf(skuId), "unitsMax", 9999);
	const skuIds = [...demand.keys()];
	const [skus, stock] = await Promise.all([
		call(ctx, "products.skus", { skuIds }),
		call(ctx, "inventory.query", { skuIds })
	]);
	const onShelf = new Map(skus.filter(s => s.onShelf).map(s => [s.skuId, s]));
	const away = skuIds.filter(skuId => !onShelf.has(skuId));
	if (away.length) throw new Refusal("NOT_ON_SHELF", "A product is not on sale", { skuIds: away });
	// Reserving decides; looked at first, so that being sold out costs a crowd next to nothing.
	const short = stock
		.map(({ skuId, available }) => ({ skuId, requested: demand.get(skuId) ?? 0, available }))
		.filter(({ requested, available }) => available < requested);
	if (short.length) throw new Refusal("OUT_OF_STOCK", "Not enough units for this order", { items: short });

	const lines = [...onShelf.values()].map(({ skuId, productId, categoryIds, brandId, price }) => ({
		skuId,
		productId,
		categoryIds,
		brandId,
		price,
		quantity: demand.get(skuId) ?? 0
	}));
	const address = await call(ctx, "users.address", { userId, addressId: asked.addressId });
	const quote = await call(ctx, "promotions.quote", {
		userId,
		lines,
		province: address.province,
		...(asked.couponCode !== undefined && { couponCode: asked.couponCode })
	});
	// Left out of a preview with a reason; an order that was to use it is not placed without.
	const refused = quote.notApplied.find(({ id }) => id === asked.couponCode);
	if (refused)
		throw new Refusal("COUPON_UNAVAILABLE", "The coupon can't be used for this order", {
			couponCode: refused.id,
			reason: refused.reason
		});
	const { total } = quote;
	if (asked.expectedTotal !== undefined && asked.expectedTotal !== total)
		throw new Refusal("PRICE_CHANGED", "The total is another than expected", {
			total,
			expectedTotal: asked.expectedTotal
		});
	const { itemsTotal, discounts, discountTotal, shippingFee, currency } = quote;
	const limited = [...onShelf.values()].flatMap(({ skuId, limitPerUser }) => {
		if (limitPerUser === null) return [];
		return [{ skuId, quantity: demand.get(skuId) ?? 0, limit: limitPerUser, field: fieldOf(skuId) }];
	});
	const priced = {
		items: quote.lines.map(line => item(line, onShelf)),
		fromCart: asked.items === undefined,
		address,
		itemsTotal,
		discounts,
		discountTotal,
		shippingFee,
		total,
		currency
	};
	return { priced, limited };
}

/** Demand per SKU, in the order asked. */
function summed(lines: readonly { skuId: string; quantity: number }[]): Map<string, number> {
	const demand = new Map<string, number>();
	for (const { skuId, quantity } of lines) demand.set(skuId, (demand.get(skuId) ?? 0) + quantity);
	return demand;
}

function item(
	line: Pick<OrderItem, "skuId" | "price" | "quantity" | "discount" | "amount">,
	skus: ReadonlyMap<string, SkuForSale>
): OrderItem {
	const sku = skus.get(line.skuId);
	if (!sku) throw new Error(`The quote has a line that was not asked for: ${line.skuId}`);
	const { productId, name, image, attributes } = sku;
	const { skuId, price, quantity, discount, amount } = line;
	return { skuId, productId, name, image, attributes, price, quantity, discount, amount };
}
