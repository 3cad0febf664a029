import type { Quota, QuotaHold } from "../infrastructure/documents/quota-count";
import type { Coupon, Template } from "../services/coupons/coupon.domain";
import type { Order } from "../services/orders/order.domain";
import type { Account, Entry } from "../services/points/account.domain";
import type { LogRow } from "../services/points/points.context";
import type { Promotion } from "../services/promotions/promotion.domain";
import {
	readAll,
	readBatches,
	readByIds,
	secondsAgo,
	sumOf,
	type InvariantsContext
} from "./invariants.context";

/** I9: no more coupons exist than a template's total, and no user has more than the share. */
export async function findClaimViolations(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	const byTemplate = new Map<string, number>();
	const byUser = new Map<string, number>();
	const claimed = { status: { $in: ["code", "unused", "used"] } } as const;
	for await (const { templateId, userId } of readAll<Coupon>(context, "coupons", claimed)) {
		byTemplate.set(templateId, (byTemplate.get(templateId) ?? 0) + 1);
		const key = `${templateId}:${userId}`;
		if (userId !== null) byUser.set(key, (byUser.get(key) ?? 0) + 1);
	}
	for await (const { _id, total, perUser } of readAll<Template>(context, "coupon_templates")) {
		const claims = byTemplate.get(_id) ?? 0;
		if (claims > total) found.push(`template ${_id}: ${claims} coupons of ${total}`);
		for (const [key, count] of byUser)
			if (key.startsWith(`${_id}:`) && count > perUser)
				found.push(`template ${_id}: ${count} coupons for user ${key.split(":")[1]}, of ${perUser}`);
	}
	found.push(...(await compareWithHolds(context, "coupon_quotas", "coupon_holds")));
	return found;
}

/** I5: a coupon that is used is used by an order that is live, or is about to come back from one that is not. */
export async function findIdleCoupons(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	for await (const coupons of readBatches<Coupon>(context, "coupons", { status: "used" })) {
		const orderIds = coupons.flatMap(({ orderId }) => orderId ?? []);
		const orders = await readByIds<Order>(context, "orders", orderIds);
		for (const { _id, orderId = "", updatedAt } of coupons) {
			const order = orders.get(orderId);
			const isOver = order?.status === "failed" || order?.status === "cancelled";
			const since = isOver ? order.updatedAt : updatedAt;
			if ((!order || isOver) && since < secondsAgo(context, 120))
				found.push(`coupon ${_id} is used by order ${orderId}, which is not live`);
		}
	}
	return found;
}

/** Live orders hold what they took; refunded ones may have been shipped, and then keep it. */
const OVER = ["failed", "cancelled", "refunded"];

/** I10: what live orders took of a promotion is at most its stock, and what is counted is what holds sum to. */
export async function findPromotionViolations(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	const taken = new Map<string, number>();
	for await (const { status, promotionUses = [] } of readAll<Order>(context, "orders"))
		if (!OVER.includes(status) && status !== "creating")
			for (const { promotionId, units } of promotionUses)
				taken.set(promotionId, (taken.get(promotionId) ?? 0) + units);
	for await (const { _id, stock } of readAll<Promotion>(context, "promotions")) {
		const units = taken.get(_id) ?? 0;
		if (stock !== null && units > stock) found.push(`promotion ${_id}: ${units} units of ${stock}`);
	}
	found.push(...(await compareWithHolds(context, "promotion_quotas", "promotion_holds")));
	return found;
}

/** Quotas that are at rest count what the holds sum to. */
async function compareWithHolds(
	context: InvariantsContext,
	quotas: string,
	holds: string
): Promise<string[]> {
	const held = new Map<string, number>();
	const moving = new Set<string>();
	for await (const { claims, state, updatedAt } of readAll<QuotaHold>(context, holds))
		for (const { quotaId, units } of claims) {
			const isMoving =
				state === "taking" || state === "releasing" || updatedAt > secondsAgo(context, 60);
			if (isMoving) moving.add(quotaId);
			if (state === "held") held.set(quotaId, (held.get(quotaId) ?? 0) + units);
		}
	const found: string[] = [];
	for await (const { _id, used } of readAll<Quota>(context, quotas))
		if (!moving.has(_id) && used !== (held.get(_id) ?? 0))
			found.push(`quota ${_id} counts ${used}, its holds sum to ${held.get(_id) ?? 0}`);
	return found;
}

/**
 * I11: a balance of points is the sum of its entries and of its lots, and not below 0. Of an order no more comes back than it
 * used, and no more is taken back than it brought.
 */
export async function findPointsViolations(context: InvariantsContext): Promise<string[]> {
	const found: string[] = [];
	for await (const { _id, balance, lots, inFlight } of readAll<Account>(context, "points_accounts")) {
		const rows = await context.collection<LogRow>("points_log").find({ userId: _id });
		const logged = new Set(rows.map(({ key }) => key));
		const waiting = inFlight.filter(({ key }) => !logged.has(key));
		const sum = sumOf([...rows, ...waiting], ({ delta }) => delta);
		if (balance < 0) found.push(`user ${_id} has ${balance} points`);
		if (sum !== balance) found.push(`user ${_id}: ${balance} points, the log sums to ${sum}`);
		const inLots = sumOf(lots, ({ points }) => points);
		if (inLots !== balance) found.push(`user ${_id}: ${balance} points, the lots sum to ${inLots}`);
		found.push(...findExcessiveReturns([...rows, ...waiting]));
	}
	return found;
}

/** Orders of which more came back than they used, or more was taken back than they brought. */
export function findExcessiveReturns(entries: readonly Entry[]): string[] {
	const sums = new Map<string, Partial<Record<Entry["reason"], number>>>();
	for (const { orderId, reason, delta } of entries) {
		const sum = sums.get(orderId ?? "") ?? {};
		sums.set(orderId ?? "", { ...sum, [reason]: (sum[reason] ?? 0) + delta });
	}
	sums.delete("");
	return [...sums].flatMap(
		([orderId, { used = 0, returned = 0, earned = 0, taken_back: takenBack = 0 }]) => [
			...(returned > -used ? [`order ${orderId} used ${-used} points, ${returned} came back`] : []),
			...(-takenBack > earned
				? [`order ${orderId} brought ${earned} points, ${-takenBack} were taken back`]
				: [])
		]
	);
}
