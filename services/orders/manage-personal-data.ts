import type { OpenMatter } from "../../schemas/kit/personal-data";
import { NotYetError } from "../../schemas/errors/errors";
import type { OrderSummary } from "../../schemas/orders.views";
import { toSummary } from "./order-view.domain";
import { OPEN_STATUSES, VISIBLE_STATUSES, type Order } from "./order.domain";
import type { OrdersContext } from "./orders.context";

type Orders = Pick<OrdersContext, "orders">;

/** All orders of the buyer, also hidden ones, newest first. */
export async function exportOrders({ orders }: Orders, userId: string): Promise<OrderSummary[]> {
	const found = await orders.find({ userId, status: { $in: VISIBLE_STATUSES } }, { sort: { _id: -1 } });
	return found.map(toSummary);
}

export async function listOpenOrders({ orders }: Orders, userId: string): Promise<OpenMatter[]> {
	const open = await orders.find(
		{ userId, status: { $in: OPEN_STATUSES } },
		{ sort: { _id: -1 }, limit: 20, fields: ["_id"] }
	);
	return open.map(({ _id }) => ({ kind: "order", id: _id }));
}

/** Stands in place of a personal text that was erased. */
const ERASED = "***";

/**
 * Erases what is personal in the buyer's orders. Goods, amounts and the province and city of delivery stay for the books. An
 * order that was placed while its buyer closed the account must end first: the fact is delivered again until then, and is a
 * dead letter for staff if that takes long.
 */
export async function eraseBuyer({ orders }: Orders, userId: string): Promise<void> {
	await orders.changeMany(
		{ userId, status: { $nin: OPEN_STATUSES } },
		{
			$set: {
				"address.receiver": ERASED,
				"address.phone": ERASED,
				"address.district": ERASED,
				"address.detail": ERASED,
				"address.postalCode": null,
				"address.label": null,
				remark: null
			},
			$unset: { staffRemark: "" }
		}
	);
	const withReasons = {
		userId,
		status: { $nin: OPEN_STATUSES },
		timeline: { $elemMatch: { reason: { $nin: [null, ERASED] } } }
	};
	for (const { _id } of await orders.find(withReasons, { fields: ["_id"] }))
		await eraseReasons({ orders }, _id);
	if ((await orders.count({ userId, status: { $in: OPEN_STATUSES } })) > 0)
		throw new NotYetError(`Orders of the closed account ${userId} are still open`);
}

/** Erases the reasons that persons wrote; those of the shop itself say nothing personal. */
const eraseReasons = ({ orders }: Orders, _id: string): Promise<Order | null> =>
	orders.change({ _id }, { $set: { "timeline.$[entry].reason": ERASED } }, [], {
		arrayFilters: [{ "entry.by": { $ne: "system" }, "entry.reason": { $ne: null } }]
	});
