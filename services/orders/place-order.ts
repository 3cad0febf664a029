import { createHash } from "node:crypto";
import { monotonicFactory } from "ulid";
import { findDemandField } from "../../schemas/values/demand";
import { KeyedMutex } from "../../mixins/platform";
import { Refusal, isRefusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call, fact } from "../../schemas/registry";
import type { OrdersContext } from "./orders.context";
import { toFactLines, type Order } from "./order.domain";
import { expireIfDue, failOrder, transition } from "./order.transitions";
import {
	fetchAvailableGoods,
	fetchDemand,
	priceOrder,
	type OrderRequest,
	type PricedOrder
} from "./price-order";
import { checkPurchaseLimits, checkUnpaidUnits, claimPurchaseLimits } from "./purchase-limit";
import { findLimitedLines, type LimitedLine } from "./purchase-limit.domain";
import { undoPlacing } from "./undo-placing";
import { expireUnpaidOrders, findUnpaidOrders, insertInFreeSlot } from "./unpaid-slot";

const newOrderId = monotonicFactory();

/**
 * Places an order, once for the user's idempotency key: prices it, stores it as `creating`, reserves the stock, and only then
 * lets it be seen. The key of an order that failed is free again: its next use places a new order.
 */
export async function placeOrder(
	context: OrdersContext,
	ctx: Ctx<unknown>,
	userId: string,
	{ key, ...request }: OrderRequest & { readonly key: string }
): Promise<Order> {
	const placeKey = `${userId}:${key}`;
	const fingerprint = hashRequest(request);
	const known = await context.orders.findOne({ placeKey });
	if (known) return answerRepeated(context, known, fingerprint);
	const unpaidOrders = await expireUnpaidOrders(context, userId); // first: a refusal here costs no other service any work

	const fieldOf = findDemandField(request.items);
	const demand = await fetchDemand(ctx, userId, request);
	const goods = await fetchAvailableGoods(ctx, demand, fieldOf);
	const priced = await priceOrder(ctx, userId, request, demand, goods);
	const limited = findLimitedLines(demand, goods);
	checkUnpaidUnits(context, demand, unpaidOrders);
	await checkPurchaseLimits(context, userId, limited);

	const draft = draftOrder(context, userId, request, priced, { placeKey, fingerprint });
	const order = await storeWithinUnpaidUnits(context, draft, unpaidOrders);
	if (order._id !== draft._id) return answerRepeated(context, order, fingerprint);
	await holdOrUndo(context, ctx, order, limited);

	const placed = await transition(
		context,
		order,
		{ to: "pending_payment", event: "created", by: userId, deadline: order.expiresAt },
		orderCreated(order)
	);
	if (!placed) throw new Refusal("SERVICE_UNAVAILABLE", "Placing the order took too long and was undone");
	if (placed.fromCart) await dropFromCart(context, ctx, placed);
	return placed;
}

/** Stores a user's drafts one after another, so that of two which exceed a limit together the first is placed. */
const drafts = new KeyedMutex();

/**
 * Stores the draft, or resolves to the order that has its key already. The unpaid units are counted again once the draft is
 * stored: of drafts that processes store at the same moment, the last to be counted sees the others. A draft that exceeds the
 * limit fails.
 */
const storeWithinUnpaidUnits = (
	context: OrdersContext,
	draft: Order,
	unpaidOrders: readonly Order[]
): Promise<Order> =>
	drafts.runExclusive(context, draft.userId, async () => {
		const order = await insertInFreeSlot(context, draft, unpaidOrders);
		if (order._id !== draft._id) return order;
		const unpaid = await findUnpaidOrders(context, order.userId);
		try {
			checkUnpaidUnits(
				context,
				order.items,
				unpaid.filter(({ _id }) => _id !== order._id)
			);
		} catch (err) {
			await failOrder(context, order, "PURCHASE_LIMIT");
			throw err;
		}
		return order;
	});

/** Claims the purchase limits and reserves the stock. Where that fails, undoes the order and throws the cause. */
async function holdOrUndo(
	context: OrdersContext,
	ctx: Ctx<unknown>,
	order: Order,
	limited: readonly LimitedLine[]
): Promise<void> {
	const lines = order.items.map(({ skuId, quantity }) => ({ skuId, quantity }));
	const expiresAt = order.expiresAt.toISOString();
	try {
		await claimPurchaseLimits(context, order, limited);
		await call(ctx, "inventory.reserve", { orderId: order._id, lines, expiresAt });
	} catch (err) {
		// These refusals mean that no stock is held; after any other error the outcome is unknown, so the stock is released
		// first. If that fails too, the order stays `creating` and the sweep undoes it.
		const reason = err instanceof Error && "type" in err ? String(err.type) : "unknown";
		const nothingHeld = isRefusal(err, "OUT_OF_STOCK") || isRefusal(err, "PURCHASE_LIMIT");
		if (nothingHeld) await failOrder(context, order, reason);
		else await undoPlacing(context, ctx, order, reason);
		if (!isRefusal(err, "IDEMPOTENCY_IN_PROGRESS")) throw err;
		throw new Refusal("SERVICE_UNAVAILABLE", "Reserving took too long and was undone", { retryAfter: 1 });
	}
}

/** Answers a request whose key has an order already. */
async function answerRepeated(context: OrdersContext, order: Order, fingerprint: string): Promise<Order> {
	if (order.fingerprint !== fingerprint)
		throw new Refusal("IDEMPOTENCY_KEY_REUSED", "The key was used for another order");
	if (order.status === "creating")
		throw new Refusal("IDEMPOTENCY_IN_PROGRESS", "The order is being placed", { retryAfter: 1 });
	return expireIfDue(context, order);
}

function draftOrder(
	context: OrdersContext,
	userId: string,
	request: OrderRequest,
	priced: PricedOrder,
	once: Required<Pick<Order, "placeKey" | "fingerprint">>
): Order {
	const now = Date.now();
	const after = (seconds: number) => new Date(now + seconds * 1000);
	return {
		...priced,
		...once,
		_id: newOrderId(),
		orderNo: "",
		userId,
		status: "creating",
		deadline: after(context.config.get("orders.creatingTimeout")),
		expiresAt: after(context.config.get("orders.paymentTimeout")),
		couponCode: request.couponCode ?? null,
		remark: request.remark ?? null,
		timeline: [],
		refusedPayments: [],
		failedRefunds: [],
		refundedTotal: 0,
		createdAt: new Date(now),
		updatedAt: new Date(now)
	};
}

const orderCreated = (order: Order) =>
	fact("order.created", {
		orderId: order._id,
		userId: order.userId,
		orderNo: order.orderNo,
		total: order.total,
		lines: toFactLines(order),
		fromCart: order.fromCart,
		expiresAt: order.expiresAt.toISOString()
	});

/** Takes the lines out of the cart at once, for the client. The cart hears `order.created` as well, so a failure costs nothing. */
async function dropFromCart(
	context: OrdersContext,
	ctx: Ctx<unknown>,
	{ _id, userId, items }: Order
): Promise<void> {
	const skuIds = items.map(({ skuId }) => skuId);
	await call(ctx, "carts.drop", { userId, orderId: _id, skuIds }, { timeout: 2000 }).catch((err: unknown) =>
		context.logger.warn(
			{ err, orderId: _id },
			"Ordered lines stay in the cart until `order.created` reaches it"
		)
	);
}

/** Hash of everything in the request that makes an order: two requests with one key must have the same. */
function hashRequest({ items, addressId, couponCode, remark, expectedTotal }: OrderRequest): string {
	const parts = [items ?? null, addressId, couponCode ?? null, remark ?? null, expectedTotal ?? null];
	return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}
