import { ulid } from "ulid";
import { releaseQuotas, takeQuotas } from "../../mixins/quotas";
import { isRefusal, Refusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call, fact } from "../../schemas/registry";
import {
	draftCoupon,
	isClaimable,
	isInAudience,
	validityFrom,
	type Coupon,
	type Template
} from "./coupon.domain";
import type { CouponsContext } from "./coupons.context";

export const userQuotaOf = (templateId: string, userId: string): string => `${templateId}:${userId}`;

/** Claims a coupon that the user may have now. */
export async function claimCoupon(
	context: CouponsContext,
	ctx: Ctx<unknown>,
	template: Template,
	userId: string
): Promise<Coupon> {
	await assertMayClaim(ctx, template, userId);
	return issueCoupon(context, template, userId);
}

async function assertMayClaim(ctx: Ctx<unknown>, template: Template, userId: string): Promise<void> {
	if (!isClaimable(template, new Date())) throw unavailable(template._id, "EXPIRED");
	if (!template.audience) return;
	const buyer = await call(ctx, "members.standing", { userId, skuIds: [] });
	if (!isInAudience(template, buyer)) throw unavailable(template._id, "AUDIENCE");
}

/**
 * Issues a coupon to the user, or as a code to hand out where `userId` is null. The coupon is stored first and is `claiming`
 * until its quotas are taken; a sweep undoes what a crash left.
 */
export async function issueCoupon(
	context: CouponsContext,
	template: Template,
	userId: string | null
): Promise<Coupon> {
	const draft = draftCoupon(template, ulid(), userId, new Date());
	await context.coupons.insert(draft);
	return finishClaim(context, draft, template);
}

/** Redeems a code that was handed out. The sixth wrong code within an hour is refused. */
export async function redeemCode(context: CouponsContext, userId: string, code: string): Promise<Coupon> {
	await countTry(context, userId);
	const found = await context.coupons.findOne({ _id: code.trim().toUpperCase(), status: "code" });
	if (!found) throw unavailable(code, "NOT_FOUND");
	const template = await context.templates.get(found.templateId);
	if (!isClaimable(template, new Date())) throw unavailable(template._id, "EXPIRED");
	const claiming = await context.coupons.change(
		{ _id: found._id, status: "code" },
		{
			$set: {
				status: "claiming",
				userId,
				holder: `${found._id}:${ulid()}`,
				...validityFrom(template, new Date()),
				updatedAt: new Date()
			}
		}
	);
	if (!claiming) throw unavailable(code, "NOT_FOUND");
	const redeemed = await finishClaim(context, claiming, template);
	await context.kv.take(`tries:${userId}`);
	return redeemed;
}

/** Takes the quotas of a claim and makes the coupon usable; undoes the claim where a limit is reached. */
async function finishClaim(context: CouponsContext, coupon: Coupon, template: Template): Promise<Coupon> {
	const { _id, holder, userId, handedOut, templateId } = coupon;
	// A code to hand out counts against the total when it is made, and against its user when it is redeemed.
	const isRedeeming = handedOut && userId !== null;
	const failed = await takeQuotas(context, holder, [
		...(userId === null
			? []
			: [{ quotaId: userQuotaOf(templateId, userId), units: 1, limit: template.perUser }]),
		...(isRedeeming ? [] : [{ quotaId: templateId, units: 1, limit: template.total }])
	]);
	if (failed) {
		await undoClaim(context, coupon);
		const soldOut = failed !== "released" && failed.quotaId === templateId;
		throw unavailable(templateId, soldOut ? "SOLD_OUT" : "LIMIT");
	}
	const status = userId === null ? "code" : "unused";
	const claimed = await context.coupons.change(
		{ _id, status: "claiming", holder },
		{ $set: { status, updatedAt: new Date() } },
		userId === null ? [] : [fact("coupon.claimed", { couponId: _id, templateId, userId })]
	);
	if (!claimed) throw unavailable(templateId, "LIMIT"); // the sweep took this process for dead
	return claimed;
}

/** Ends a claim that is under way, and gives back what it took. A code that was being redeemed can be redeemed again. */
async function undoClaim(context: CouponsContext, { _id, holder, handedOut, userId }: Coupon): Promise<void> {
	await releaseQuotas(context, holder);
	const isRedeeming = handedOut && userId !== null;
	await context.coupons.change(
		{ _id, status: "claiming", holder },
		{
			$set: {
				status: isRedeeming ? "code" : "void",
				userId: isRedeeming ? null : userId,
				updatedAt: new Date()
			}
		}
	);
}

/** Undoes claims that were begun before `before` and never ended. */
export async function sweepClaims(context: CouponsContext, before: Date): Promise<void> {
	const stale = await context.coupons.find(
		{ status: "claiming", updatedAt: { $lt: before } },
		{ limit: 200 }
	);
	for (const coupon of stale) await undoClaim(context, coupon);
}

/** Gives each user a coupon; resolves to those who are past a limit. */
export async function grantCoupons(
	context: CouponsContext,
	template: Template,
	userIds: readonly string[]
): Promise<string[]> {
	const refused: string[] = [];
	for (const userId of userIds)
		try {
			await issueCoupon(context, template, userId);
		} catch (err) {
			if (!isRefusal(err, "COUPON_UNAVAILABLE")) throw err;
			refused.push(userId);
		}
	return refused;
}

const MAX_TRIES = 10;
const TRIES_MS = 3_600_000;

/** Counts a try to redeem a code; a right one ends the count. */
async function countTry({ kv }: CouponsContext, userId: string): Promise<void> {
	const tries = await kv.update<number>(`tries:${userId}`, before => (before ?? 0) + 1, TRIES_MS);
	if ((tries ?? 0) > MAX_TRIES)
		throw new Refusal("TOO_MANY_REQUESTS", "Too many wrong codes", { retryAfter: TRIES_MS / 1000 });
}

export const unavailable = (id: string, reason: string) =>
	new Refusal("COUPON_UNAVAILABLE", "The coupon can't be had", { id, reason });
