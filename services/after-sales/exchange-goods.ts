import { randomBytes } from "node:crypto";
import { invalid, NotYetError, Refusal } from "../../schemas/errors/errors";
import type { PayloadOf } from "../../schemas/kit/contract";
import type { Ctx } from "../../schemas/kit/service";
import { call, fact, type Events } from "../../schemas/registry";
import type { Demand } from "../../schemas/values/demand";
import { buildTransitionUpdate, type AfterSale } from "./after-sale.domain";
import { identify, notInState, mustTransition } from "./after-sale.transitions";
import type { AfterSalesContext } from "./after-sales.context";

type Wanted = { readonly items: readonly Demand[]; readonly exchangeSkuId?: string | null | undefined };

/** The units that an exchange sends. */
const listNewUnits = ({ items, exchangeSkuId }: Wanted): Demand[] =>
	items.map(({ skuId, quantity }) => ({ skuId: exchangeSkuId ?? skuId, quantity }));

/** Refuses an exchange for what is not on sale, and, since no money moves, for what costs more than the goods that come back. */
export async function checkExchange(ctx: Ctx<unknown>, wanted: Wanted): Promise<void> {
	const { items, exchangeSkuId } = wanted;
	if (exchangeSkuId && items.length > 1) throw invalid("exchangeSkuId", "oneLineExchange");
	const units = listNewUnits(wanted);
	const skuIds = [...new Set([...units, ...items].map(({ skuId }) => skuId))];
	const skus = await call(ctx, "products.skus", { skuIds });
	const skuOf = new Map(skus.map(sku => [sku.skuId, sku]));
	const missing = units.map(({ skuId }) => skuId).filter(skuId => !skuOf.get(skuId)?.onShelf);
	if (missing.length) throw new Refusal("NOT_ON_SHELF", "Not on sale", { skuIds: missing });
	const [before, after] = [items[0]?.skuId, exchangeSkuId].map(skuId => skuOf.get(skuId ?? "")?.price);
	if (before !== undefined && after !== undefined && after > before)
		throw invalid("exchangeSkuId", "dearerExchange");
}

/** How long a reservation may wait for the case to be approved. */
const RESERVED_MS = 60_000;

/**
 * Agrees to an exchange once its new units are reserved; refuses with OUT_OF_STOCK. The case names the reservation before it is
 * made, so that one which a crash left is found: by the next approval, or once its time is over.
 */
export async function approveExchange(
	context: AfterSalesContext,
	ctx: Ctx<unknown>,
	afterSale: AfterSale,
	by: string
): Promise<AfterSale> {
	const { _id, status, reservationId: former } = afterSale;
	const reservationId = `${_id}-${randomBytes(4).toString("hex")}`;
	if (status !== "requested") throw notInState(afterSale, "approved");
	await context.cases.mustChange(_id, { status }, { $set: { reservationId } });
	// From now on an approval that is under way with the former reservation fails.
	if (former !== undefined) await call(ctx, "inventory.release", { orderId: former });
	const expiresAt = new Date(Date.now() + RESERVED_MS).toISOString();
	const lines = listNewUnits(afterSale);
	await call(ctx, "inventory.reserve", { orderId: reservationId, lines, expiresAt, owner: "exchange" });
	const deadline = new Date(Date.now() + context.config.get("afterSales.returnWithin") * 1000);
	const approved = await context.cases.change(
		{ _id, status, reservationId },
		buildTransitionUpdate(afterSale, { to: "approved", event: "approved", by, deadline }, new Date()),
		[fact("after_sale.approved", { ...identify(afterSale), amount: 0, reservationId })]
	);
	if (approved) return approved;
	await call(ctx, "inventory.release", { orderId: reservationId });
	throw notInState(await context.cases.get(_id), "approved");
}

/**
 * Ends each reservation whose time is over and whose case was not approved, and resolves to the state of each: `approved` or
 * `ended`.
 */
export async function endUnapprovedReservations(
	{ cases }: Pick<AfterSalesContext, "cases">,
	reservationIds: readonly string[]
) {
	const states = [];
	for (const reservationId of reservationIds) {
		const _id = reservationId.replace(/-[^-]*$/, "");
		await cases.change({ _id, status: "requested", reservationId }, { $unset: { reservationId: "" } });
		const afterSale = await cases.findOne({ _id });
		const isApproved =
			afterSale?.reservationId === reservationId &&
			afterSale.status !== "rejected" &&
			afterSale.status !== "cancelled";
		states.push({ reservationId, state: isApproved ? ("approved" as const) : ("ended" as const) });
	}
	return states;
}

/**
 * Sends the new goods of an exchange whose old ones are back. The parcel is stored first, under an id that follows from the
 * case, so that a repetition after a crash sends no second one. Refuses with DUPLICATE a tracking number that was used before.
 */
export async function shipExchange(
	context: Pick<AfterSalesContext, "cases" | "config">,
	ctx: Ctx<unknown>,
	afterSale: AfterSale,
	{ by, ...sent }: { readonly carrier: string; readonly trackingNo: string; readonly by: string }
): Promise<AfterSale> {
	const { _id, type, status, orderId, userId } = afterSale;
	if (type !== "exchange" || status !== "returned") throw notInState(afterSale, "reshipped");
	const { phone } = await call(ctx, "orders.receiverPhone", { orderId });
	const cause = { kind: "after_sale", id: _id } as const;
	const items = listNewUnits(afterSale);
	const parcelId = `${_id}-new`;
	await call(ctx, "shipping.createParcel", { parcelId, orderId, userId, cause, ...sent, items, phone });
	// Of two who send at once, the parcel is the first one's.
	const [parcel = sent] = await call(ctx, "shipping.parcels", { cause });
	const { carrier, trackingNo } = parcel;
	const sentAt = new Date();
	const deadline = new Date(sentAt.getTime() + context.config.get("orders.autoReceiveUntracked") * 1000);
	return mustTransition(
		context,
		afterSale,
		{
			to: "reshipped",
			event: "reshipped",
			by,
			set: { shipment: { carrier, trackingNo, sentAt } },
			deadline
		},
		fact("after_sale.reshipped", { ...identify(afterSale), carrier, trackingNo })
	);
}

/** Ends an exchange whose new goods were delivered. The delivery may be known before the case is written as reshipped. */
export async function applyDelivery(
	context: Pick<AfterSalesContext, "cases">,
	{ cause }: PayloadOf<Events["shipment.delivered"]>
): Promise<void> {
	if (cause.kind !== "after_sale") return;
	const afterSale = await context.cases.get(cause.id);
	if (afterSale.status === "returned") throw new NotYetError(`Case ${cause.id} is not reshipped yet`);
	if (afterSale.status === "reshipped") await completeExchange(context, afterSale, "delivered");
}

/** Ends an exchange whose goods have arrived, or whose time for that is over. */
export const completeExchange = (
	context: Pick<AfterSalesContext, "cases">,
	afterSale: AfterSale,
	event: "delivered" | "auto_received"
): Promise<AfterSale> =>
	mustTransition(
		context,
		afterSale,
		{ to: "completed", event, by: "system" },
		fact("after_sale.completed", identify(afterSale))
	);
