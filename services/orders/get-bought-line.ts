import { Refusal } from "../../schemas/errors/errors";
import type { OrdersContext } from "./orders.context";
import { countRefunded } from "./unit-claims.domain";

type Asked = { readonly orderId: string; readonly userId: string; readonly skuId: string };

/** A line of the user's order as it was bought; of a SKU that is bought and given, the bought one. Refuses with NOT_FOUND. */
export async function getBoughtLine(
	{ orders }: Pick<OrdersContext, "orders">,
	{ orderId, userId, skuId }: Asked
) {
	const order = await orders.get(orderId, { userId });
	const { items, status, completedAt } = order;
	const lines = items.filter(item => item.skuId === skuId);
	const line = lines.find(({ gift }) => !gift) ?? lines[0];
	if (!line)
		throw new Refusal("NOT_FOUND", "The order has no such line", { what: "order_line", id: skuId });
	const { productId, attributes, quantity } = line;
	const at = completedAt?.toISOString() ?? null;
	return { productId, attributes, status, completedAt: at, kept: quantity - countRefunded(order, line) };
}
