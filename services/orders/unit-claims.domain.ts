import { sumDemand, type Demand } from "../../schemas/values/demand";
import { allocateAmount, sumAmounts } from "../../schemas/values/money";
import { countShipped } from "./order-lines.domain";
import type { Order, StoredItem } from "./order.domain";

/** Units of one line in a claim. */
export type ClaimedLine = Demand & {
	/** How many of them had not been sent when they were claimed. */
	readonly unsent: number;
	/** What was paid for them. */
	readonly amount: number;
};

/**
 * Units that a case of the buyer, or a refund by staff, asks back or got back. All claims of an order are in its document, so
 * that a guarded write lets no unit be claimed twice.
 */
export type UnitClaim = {
	/** The case's id, or the purpose of the staff's refund. */
	readonly id: string;
	readonly kind: "case" | "staff";
	/** `released`: the units are free again, and the id can't claim any more. */
	readonly state: "claimed" | "refunding" | "refunded" | "released";
	readonly lines: readonly ClaimedLine[];
	/** Names of the units (`<skuId>#<n>`), and of the shipping fee. */
	readonly units: readonly string[];
	readonly shipping: number;
	/** Fen that are refunded; before a refund is requested, what the units cost. */
	readonly amount: number;
	/** Number of refunds that were requested for the claim; each but the last one failed. */
	readonly attempt: number;
};

export const createClaim = (
	id: string,
	kind: UnitClaim["kind"],
	chosen: Pick<UnitClaim, "lines" | "units">
): UnitClaim => ({
	id,
	kind,
	state: "claimed",
	...chosen,
	shipping: 0,
	amount: chosen.lines.reduce((sum, { amount }) => sum + amount, 0),
	attempt: 0
});

export const findClaim = ({ unitClaims = [] }: Pick<Order, "unitClaims">, claimId: string) =>
	unitClaims.find(({ id }) => id === claimId);

export type Claims = Pick<Order, "items" | "shipment" | "parcels" | "unitClaims">;

/** The shipping fee's name among the units. */
export const SHIPPING = "shipping";
const nameUnit = (skuId: string, index: number): string => `${skuId}#${index}`;

const isHeld = ({ state }: UnitClaim): boolean => state !== "released";
const isGivenBack = ({ state }: UnitClaim): boolean => state === "refunding" || state === "refunded";

const sumLines = (
	claims: readonly UnitClaim[],
	skuId: string,
	of: (line: ClaimedLine) => number = ({ quantity }) => quantity
): number => sumAmounts(claims.flatMap(({ lines }) => lines.filter(line => line.skuId === skuId).map(of)));

/** The line that was bought of a SKU; units that were given on top can't be claimed. */
export const findBoughtLine = ({ items }: Pick<Order, "items">, skuId: string): StoredItem | undefined =>
	items.find(item => item.skuId === skuId && !item.gift);

/** Units of a line that no claim holds, by whether they have been sent. */
export function countFree(
	order: Claims,
	item: StoredItem
): { readonly unsent: number; readonly sent: number } {
	const claims = (order.unitClaims ?? []).filter(isHeld);
	const shipped = countShipped(order, item);
	const { quantity, heldQuantity = 0, cancelledQuantity = 0 } = item;
	return {
		unsent: quantity - shipped - heldQuantity - cancelledQuantity,
		sent: shipped - sumLines(claims, item.skuId, line => line.quantity - line.unsent)
	};
}

/**
 * Chooses units that no claim holds, those that were not sent first, at the price that was paid for each. A line's amount is
 * split over its units evenly, and the last one takes the rest. The caller has checked that as many are free.
 */
export function chooseUnits(
	order: Claims,
	items: readonly Demand[],
	{ sentOnly = false } = {}
): Pick<UnitClaim, "lines" | "units"> {
	const claims = (order.unitClaims ?? []).filter(isHeld);
	const taken = new Set(claims.flatMap(({ units }) => units));
	const chosen = items.flatMap(({ skuId, quantity }) => {
		const item = findBoughtLine(order, skuId);
		if (!item) return [];
		const units = priceUnits(item)
			.filter(({ unit }) => !taken.has(unit))
			.slice(0, quantity);
		const unsent = sentOnly ? 0 : Math.min(quantity, countFree(order, item).unsent);
		// Claims of earlier versions split the amount otherwise: all together never cost more than the line.
		const left = item.amount - sumLines(claims, skuId, line => line.amount);
		const amount = Math.min(sumAmounts(units.map(unit => unit.amount)), left);
		return [{ line: { skuId, quantity, unsent, amount }, units: units.map(({ unit }) => unit) }];
	});
	return { lines: chosen.map(({ line }) => line), units: chosen.flatMap(({ units }) => units) };
}

function priceUnits({ skuId, quantity, amount }: StoredItem): { unit: string; amount: number }[] {
	const share = Math.floor(amount / quantity);
	return Array.from({ length: quantity }, (_, index) => ({
		unit: nameUnit(skuId, index),
		amount: index === quantity - 1 ? amount - share * index : share
	}));
}

export const isShippingTaken = ({ unitClaims = [] }: Claims): boolean =>
	unitClaims.some(claim => isHeld(claim) && claim.units.includes(SHIPPING));

/** Whether nothing was sent and every bought unit is in these lines or was given back before. */
function completesCancellation(order: Claims, lines: readonly ClaimedLine[]): boolean {
	const givenBack = (order.unitClaims ?? []).filter(isGivenBack);
	return order.items.every(
		item =>
			countShipped(order, item) === 0 &&
			(item.gift === true ||
				sumLines(givenBack, item.skuId) +
					sumAmounts(lines.filter(l => l.skuId === item.skuId).map(l => l.quantity)) ===
					item.quantity)
	);
}

/**
 * The most that a case can get for its units: what they cost, with the shipping fee when all of the order comes back before it
 * was sent, and no more than the order has left of its money.
 */
export function computeMaximum(
	order: Claims & Pick<Order, "shippingFee" | "total" | "refundedTotal">,
	lines: readonly ClaimedLine[]
): { readonly shipping: number; readonly maximum: number } {
	const isWhole = completesCancellation(order, lines) && !isShippingTaken(order);
	const shipping = isWhole ? order.shippingFee : 0;
	const cost = sumAmounts(lines.map(({ amount }) => amount)) + shipping;
	const underWay = (order.unitClaims ?? []).filter(({ state }) => state === "refunding");
	const left = order.total - order.refundedTotal - sumAmounts(underWay.map(({ amount }) => amount));
	return { shipping, maximum: Math.max(0, Math.min(cost, left)) };
}

/** The claim once a refund of `amount` is requested, `shipping` of which may be the fee. */
export const startRefund = (
	claim: UnitClaim,
	{ amount, shipping }: Pick<UnitClaim, "amount" | "shipping">
): UnitClaim => ({
	...claim,
	state: "refunding",
	attempt: claim.attempt + 1,
	amount,
	shipping,
	units: shipping > 0 ? [...claim.units, SHIPPING] : claim.units
});

/** The claim after its refund failed: the units of a case stay claimed, those of a refund by staff are free again. */
export const failRefund = (claim: UnitClaim): UnitClaim => ({
	...claim,
	state: claim.kind === "case" ? "claimed" : "released",
	shipping: 0,
	units: claim.units.filter(unit => unit !== SHIPPING)
});

/** What is refunded of each line and of the fee: less than they cost where the refund is less than that. */
export function splitRefund({ lines, shipping, amount }: UnitClaim): Pick<UnitClaim, "lines" | "shipping"> {
	const shares = allocateAmount(amount, [...lines.map(line => line.amount), shipping]);
	return {
		lines: lines.map((line, n) => ({ ...line, amount: shares[n] ?? 0 })),
		shipping: shares[lines.length] ?? 0
	};
}

export type LinesAndClaims = Pick<Order, "items"> & { readonly unitClaims: readonly UnitClaim[] };

/** Units of a claim that are held back from sending: those that were not sent, until they are refunded. */
const countHeld = (claim: UnitClaim | undefined, skuId: string): number =>
	claim?.state === "claimed" || claim?.state === "refunding"
		? sumLines([claim], skuId, ({ unsent }) => unsent)
		: 0;
const countCancelled = (claim: UnitClaim | undefined, skuId: string): number =>
	claim?.state === "refunded" ? sumLines([claim], skuId, ({ unsent }) => unsent) : 0;

/** Puts the claim in place of the one with its id, or adds it, and counts its units in their lines. */
export function putClaim({ items, unitClaims = [] }: Claims, claim: UnitClaim): LinesAndClaims {
	const before = unitClaims.find(({ id }) => id === claim.id);
	return {
		items: items.map(item => {
			const { skuId, gift, heldQuantity = 0, cancelledQuantity = 0 } = item;
			const held = countHeld(claim, skuId) - countHeld(before, skuId);
			const cancelled = countCancelled(claim, skuId) - countCancelled(before, skuId);
			if (gift || (held === 0 && cancelled === 0)) return item;
			return {
				...item,
				heldQuantity: heldQuantity + held,
				cancelledQuantity: cancelledQuantity + cancelled
			};
		}),
		unitClaims: before
			? unitClaims.map(other => (other === before ? claim : other))
			: [...unitClaims, claim]
	};
}

/** Units of a line whose price was refunded. */
export const countRefunded = (
	{ status, unitClaims = [] }: Pick<Order, "status" | "unitClaims">,
	{ skuId, gift, quantity }: StoredItem
): number => {
	if (status === "refunded") return quantity;
	if (gift) return 0;
	return sumLines(
		unitClaims.filter(({ state }) => state === "refunded"),
		skuId
	);
};

/** Whether nothing was sent and every bought unit was refunded: nothing is left to be sent. */
export const isCancelledWhole = (order: Claims): boolean =>
	order.items.every(item => countShipped(order, item) === 0) &&
	order.items.filter(({ gift }) => !gift).every(item => (item.cancelledQuantity ?? 0) === item.quantity);

/** Units that were neither sent nor refunded before, gifts too. */
export const listUnsentUnits = (order: Claims): Demand[] =>
	sumDemand(
		order.items
			.map(item => ({
				skuId: item.skuId,
				quantity: item.quantity - countShipped(order, item) - (item.cancelledQuantity ?? 0)
			}))
			.filter(({ quantity }) => quantity > 0)
	);

/** The lines without the units that were refunded. */
export const listKeptLines = (order: Pick<Order, "items" | "status" | "unitClaims">) =>
	order.items
		.filter(({ gift }) => !gift)
		.map(item => ({
			skuId: item.skuId,
			productId: item.productId,
			quantity: item.quantity - countRefunded(order, item)
		}))
		.filter(({ quantity }) => quantity > 0);
