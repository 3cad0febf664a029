import { createHash, randomInt } from "node:crypto";
import type { Service } from "moleculer";
import { monotonicFactory } from "ulid";
import type { Config } from "../../mixins/config.mixin";
import { DuplicateKey } from "../../mixins/store.mixin";
import { Refusal, isRefusal } from "../../schemas/errors";
import type { Ctx } from "../../schemas/kit";
import { call, fact } from "../../schemas/registry";
import { claimPurchaseLimits, checkPurchaseLimits, type Allowances } from "./purchase-limit";
import { expireIfDue, transition } from "./order.transitions";
import { makeOrderNumber, RANDOM_BELOW } from "./order-number.domain";
import { findFreeSlot, toFactLines, UNPAID_STATUSES, type Order } from "./order.domain";
import { priceOrder, type OrderRequest, type PricedOrder } from "./price-order";

export type OrdersContext = Allowances &
	Pick<Service, "broker" | "logger"> & { readonly config: Pick<Config, "get"> };

const newId = monotonicFactory();

/**
 * Places an order, once for the user's key: prices it, writes it down as `creating`, reserves the stock, and only then lets
 * it be seen. A key whose order failed is free again: its next use places anew.
 */
export async function placeOrder(
	context: OrdersContext,
	ctx: Ctx<unknown>,
	userId: string,
	{ key, ...asked }: OrderRequest & { readonly key: string }
): Promise<Order> {
	const placeKey = `${userId}:${key}`;
	const fingerprint = fingerprintOf(asked);
	const known = await context.orders.findOne({ placeKey });
	if (known) return repeated(context, known, fingerprint);
	const taken = await takenSlots(context, userId); // first of all, so that the refusal costs nobody else any work

	const { priced, limited } = await priceOrder(ctx, userId, asked);
	const seen = await checkPurchaseLimits(context, userId, limited);
	const draft = drafted(context, userId, asked, priced, { placeKey, fingerprint });
	const order = await insert(context, draft, taken);
	if (order._id !== draft._id) return repeated(context, order, fingerprint);
	const lines = order.items.map(({ skuId, quantity }) => ({ skuId, quantity }));
	const expiresAt = order.expiresAt.toISOString();
	try {
		await claimPurchaseLimits(context, order, seen);
		await call(ctx, "inventory.reserve", { orderId: order._id, lines, expiresAt });
	} catch (err) {
		// What is refused so holds nothing; after anything else it is not known what was done. Left `creating` if this fails
		// too: then the sweep undoes it.
		const why = err instanceof Error && "type" in err ? String(err.type) : "unknown";
		const nothingHeld = isRefusal(err, "OUT_OF_STOCK") || isRefusal(err, "VALIDATION_ERROR");
		if (!nothingHeld) await call(ctx, "inventory.release", { orderId: order._id });
		await fail(context, order, why);
		if (!isRefusal(err, "IDEMPOTENCY_IN_PROGRESS")) throw err;
		throw new Refusal("SERVICE_UNAVAILABLE", "Reserving took too long and was undone", { retryAfter: 1 });
	}
	const placed = await transition(
		context,
		order,
		{ to: "pending_payment", event: "created", by: userId, deadline: order.expiresAt },
		fact("order.created", {
			orderId: order._id,
			userId,
			orderNo: order.orderNo,
			total: order.total,
			lines: toFactLines(order),
			fromCart: order.fromCart,
			expiresAt
		})
	);
	if (!placed) throw new Refusal("SERVICE_UNAVAILABLE", "Placing the order took too long and was undone");
	if (placed.fromCart) await dropFromCart(context, ctx, placed);
	return placed;
}

/**
 * Undoes an order that was never finished being placed. Marked first, so that a slow `place` can't make it pending after its
 * stock is free.
 */
export async function undoPlacing(context: OrdersContext, { _id }: Order): Promise<void> {
	const order = await context.orders.change({ _id, status: "creating" }, { $set: { undoing: true } });
	if (!order) return;
	await call(context.broker, "inventory.release", { orderId: _id });
	await fail(context, order, "not finished in time");
}

const fail = (context: OrdersContext, order: Order, reason: string) =>
	transition(context, order, { to: "failed", event: "failed", by: "system", reason });

async function repeated(context: OrdersContext, order: Order, fingerprint: string): Promise<Order> {
	if (order.fingerprint !== fingerprint)
		throw new Refusal("IDEMPOTENCY_KEY_REUSED", "The key was used for another order");
	if (order.status === "creating")
		throw new Refusal("IDEMPOTENCY_IN_PROGRESS", "The order is being placed", { retryAfter: 1 });
	return expireIfDue(context, order);
}

/** The places for unpaid orders that the user has taken; refuses when that is all of them. */
async function takenSlots(context: OrdersContext, userId: string): Promise<Set<number>> {
	const found = await context.orders.find({ userId, status: { $in: UNPAID_STATUSES } });
	const unpaid = await Promise.all(found.map(order => expireIfDue(context, order)));
	const slots = unpaid.flatMap(({ slot }) => (slot === undefined ? [] : [Number(slot.split(":").at(-1))]));
	const taken = new Set(slots);
	if (findFreeSlot(taken, context.config.get("orders.maxUnpaid")) === null) throw tooMany(context);
	return taken;
}

/**
 * Writes the order down under its key and in one of the user's places for unpaid orders. Both are unique, so of any number of
 * parallel calls no more get through than may.
 */
async function insert(context: OrdersContext, draft: Order, taken: Set<number>): Promise<Order> {
	for (;;) {
		const slot = findFreeSlot(taken, context.config.get("orders.maxUnpaid"));
		if (slot === null) throw tooMany(context);
		const orderNo = makeOrderNumber(draft.createdAt, randomInt(RANDOM_BELOW));
		try {
			return await context.orders.insert({ ...draft, orderNo, slot: `${draft.userId}:${slot}` });
		} catch (err) {
			if (!(err instanceof DuplicateKey)) throw err;
			if (err.index === "slot") taken.add(slot);
			if (err.index !== "placeKey") continue;
			const there = await context.orders.findOne({ placeKey: draft.placeKey });
			if (there) return there;
		}
	}
}

function drafted(
	context: OrdersContext,
	userId: string,
	asked: OrderRequest,
	priced: PricedOrder,
	once: Required<Pick<Order, "placeKey" | "fingerprint">>
): Order {
	const now = Date.now();
	const after = (seconds: number) => new Date(now + seconds * 1000);
	return {
		...priced,
		...once,
		_id: newId(),
		orderNo: "",
		userId,
		status: "creating",
		deadline: after(context.config.get("orders.creatingTimeout")),
		expiresAt: after(context.config.get("orders.paymentTimeout")),
		couponCode: asked.couponCode ?? null,
		remark: asked.remark ?? null,
		timeline: [],
		refusedPayments: [],
		failedRefunds: [],
		refundedTotal: 0,
		createdAt: new Date(now),
		updatedAt: new Date(now)
	};
}

/** At once, for the client that looks; the cart hears of the order as well, so a failure costs nothing. */
async function dropFromCart(
	context: OrdersContext,
	ctx: Ctx<unknown>,
	{ _id, userId, items }: Order
): Promise<void> {
	const skuIds = items.map(({ skuId }) => skuId);
	await call(ctx, "carts.drop", { userId, orderId: _id, skuIds }, { timeout: 2000 }).catch((err: unknown) =>
		context.logger.warn(
			{ err, orderId: _id },
			"Ordered lines stay in the cart until it hears of the order"
		)
	);
}

const tooMany = (context: OrdersContext) =>
	new Refusal("TOO_MANY_REQUESTS", "Too many unpaid orders", {
		maxUnpaid: context.config.get("orders.maxUnpaid"),
		retryAfter: 60
	});

const fingerprintOf = ({ items, addressId, couponCode, remark, expectedTotal }: OrderRequest): string =>
	createHash("sha256")
		.update(
			JSON.stringify([
				items ?? null,
				addressId,
				couponCode ?? null,
				remark ?? null,
				expectedTotal ?? null
			])
		)
		.digest("base64url");
