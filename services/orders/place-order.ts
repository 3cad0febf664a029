import { decodeTime } from "ulid";
import { findDemandField } from "../../schemas/values/demand";
import { KeyedMutex, keyReused } from "../../mixins/platform";
import { Refusal, isRefusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call, fact } from "../../schemas/registry";
import { giveBackBenefits, takeBenefits } from "./benefits";
import type { OrdersContext } from "./orders.context";
import { toFactLines, toSoldLines, type Order } from "./order.domain";
import { failOrder, transition } from "./order.transitions";
import {
	fetchAvailableGoods,
	fetchDemand,
	priceOrder,
	type OrderRequest,
	type PricedOrder
} from "./price-order";
import { createIdSequence } from "../../schemas/values/new-id";
import { checkPurchaseLimits, checkUnpaidUnits, claimPurchaseLimits } from "./purchase-limit";
import { findLimitedLines, type LimitedLine } from "./purchase-limit.domain";
import { undoPlacing } from "./undo-placing";
import { expireUnpaidOrders, findUnpaidOrders, insertInFreeSlot } from "./unpaid-slot";

const newOrderId = createIdSequence();

/** An order's request with the key that it is stored under, and the hash of its content. */
export type PlacingRequest = OrderRequest & Required<Pick<Order, "placeKey" | "fingerprint">>;

/**
 * Places an order: prices it, stores it as `creating`, reserves the stock, and only then lets it be seen. Its key is unique,
 * so a concurrent request under the same key resolves to the same order. The key of an order that failed is free again.
 */
export async function placeOrder(
	context: OrdersContext,
	ctx: Ctx<unknown>,
	userId: string,
	request: PlacingRequest
): Promise<Order> {
	const startedAt = performance.now();
	for (let attempt = 1; ; attempt++)
		try {
			const order = await placeAtPresentPrice(context, ctx, userId, request);
			context.metrics.placing((performance.now() - startedAt) / 1000, {});
			return order;
		} catch (err) {
			// A promotion ran out between the price and its taking. A buyer who named no total gets the price as it is now.
			const ranOut = isRefusal(err, "PRICE_CHANGED") && request.expectedTotal === undefined;
			if (!ranOut || attempt === MAX_PRICINGS) throw err;
		}
}

const MAX_PRICINGS = 5;

async function placeAtPresentPrice(
	context: OrdersContext,
	ctx: Ctx<unknown>,
	userId: string,
	{ placeKey, fingerprint, ...request }: PlacingRequest
): Promise<Order> {
	const fieldOf = findDemandField(request.items);
	const demand = await fetchDemand(ctx, userId, request);
	const goods = await fetchAvailableGoods(ctx, demand, fieldOf); // first: a crowd that is too late costs next to nothing
	const [unpaidOrders, priced] = await Promise.all([
		expireUnpaidOrders(context, userId),
		priceOrder(ctx, userId, request, demand, goods)
	]);
	const limited = findLimitedLines(demand, goods);
	checkUnpaidUnits(context, demand, unpaidOrders);
	await checkPurchaseLimits(context, userId, limited);

	const draft = draftOrder(context, userId, request, priced, { placeKey, fingerprint });
	const order = await storeWithinUnpaidUnits(context, draft, unpaidOrders);
	if (order._id !== draft._id) return assertSameRequest(order, fingerprint);
	await claimAndReserve(context, ctx, order, limited);

	const now = new Date();
	const placed = await transition(
		context,
		order,
		order.total === 0
			? { to: "paid", event: "created", by: userId, set: { paidAt: now } }
			: { to: "pending_payment", event: "created", by: userId, deadline: order.expiresAt },
		...[orderCreated(order), ...(order.total === 0 ? [orderPaid(order, now)] : [])]
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

/** Claims the purchase limits, takes the benefits and reserves the stock; on failure undoes the order and throws the cause. */
async function claimAndReserve(
	context: OrdersContext,
	ctx: Ctx<unknown>,
	order: Order,
	limited: readonly LimitedLine[]
): Promise<void> {
	const lines = order.items.map(({ skuId, quantity }) => ({ skuId, quantity }));
	const expiresAt = order.expiresAt.toISOString();
	try {
		await claimPurchaseLimits(context, order, limited);
		await takeBenefits(ctx, order);
		await call(ctx, "inventory.reserve", { orderId: order._id, lines, expiresAt });
	} catch (err) {
		// These refusals mean that no stock is held; after any other error the outcome is unknown, so the stock is released
		// first. If that fails too, the order stays `creating` and the sweep undoes it.
		const reason = err instanceof Error && "type" in err ? String(err.type) : "unknown";
		const noStockHeld = STOCK_NOT_HELD.some(type => isRefusal(err, type));
		if (noStockHeld) {
			await giveBackBenefits(ctx, order);
			await failOrder(context, order, reason);
		} else await undoPlacing(context, ctx, order, reason);
		if (!isRefusal(err, "IDEMPOTENCY_IN_PROGRESS")) throw err;
		throw new Refusal("SERVICE_UNAVAILABLE", "Reserving took too long and was undone", { retryAfter: 1 });
	}
}

/** Refusals that come before the stock is reserved, or instead. */
const STOCK_NOT_HELD = [
	"OUT_OF_STOCK",
	"PURCHASE_LIMIT",
	"PRICE_CHANGED",
	"COUPON_UNAVAILABLE",
	"POINTS_UNAVAILABLE"
] as const;

/** Refuses a request for the order of its key whose content differs, or while that order is still being placed. */
export function assertSameRequest(order: Order, fingerprint: string): Order {
	if (order.fingerprint !== fingerprint) throw keyReused();
	if (order.status === "creating")
		throw new Refusal("IDEMPOTENCY_IN_PROGRESS", "The order is being placed", { retryAfter: 1 });
	return order;
}

function draftOrder(
	context: OrdersContext,
	userId: string,
	request: OrderRequest,
	priced: PricedOrder,
	once: Required<Pick<Order, "placeKey" | "fingerprint">>
): Order {
	const _id = newOrderId();
	const createdAt = new Date(decodeTime(_id));
	const after = (seconds: number) => new Date(Date.now() + seconds * 1000);
	return {
		...priced,
		...once,
		_id,
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
		hidden: false,
		createdAt,
		updatedAt: createdAt
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

const orderPaid = (order: Order, paidAt: Date) =>
	fact("order.paid", {
		orderId: order._id,
		userId: order.userId,
		paymentId: null,
		total: order.total,
		pointsEarned: order.points?.earn ?? 0,
		paidAt: paidAt.toISOString(),
		lines: toSoldLines(order)
	});

/** Takes the lines out of the cart at once, for the client. `carts` also handles `order.created`, so a failure costs nothing. */
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
