import { ulid } from "ulid";
import { keyValueMixin } from "../../mixins/key-value.mixin";
import {
	QUOTA_HOLD_INDEXES,
	QUOTA_INDEXES,
	sweepQuotas,
	type Quota,
	type QuotaHold
} from "../../mixins/quotas";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, ignoreDuplicate, storeMixin, type Where } from "../../mixins/store.mixin";
import { coupons } from "../../schemas/coupons.contract";
import { notFound, Refusal } from "../../schemas/errors/errors";
import { requireUserId } from "../../schemas/kit/caller";
import { service } from "../../schemas/registry";
import { settings } from "../../settings";
import { claimCoupon, grantCoupons, issueCoupon, redeemCode, sweepClaims, unavailable } from "./claim-coupon";
import * as domain from "./coupon.domain";
import type { CouponsContext } from "./coupons.context";
import { editTemplate, storeTemplate } from "./edit-template";
import { listClaimable } from "./list-claimable";
import { withUses } from "./read-uses";
import { giveBackCoupon, giveBackCouponOf, useCoupon } from "./use-coupon";

/** Work older than this is abandoned: its call has timed out. A process that is still alive fails at the guard of its write. */
const STALE_MS = settings.requestTimeoutMs + 4_000;
/** Coupons of a buyer that a preview compares. */
const MAX_OFFERED = 50;

/** Owns coupon templates, and the coupons of users. What a coupon takes off is calculated by `promotions`. */
export default service(coupons, {
	mixins: [
		storeMixin({
			templates: collection<domain.Template>("coupon_templates", [{ keys: { public: 1, claimTo: 1 } }]),
			coupons: collection<domain.Coupon>("coupons", [
				{ keys: { userId: 1, status: 1, _id: -1 } },
				{ keys: { templateId: 1, status: 1 } },
				{ keys: { status: 1, updatedAt: 1 } },
				{ keys: { orderId: 1 }, sparse: true }
			]),
			quotas: collection<Quota>("coupon_quotas", QUOTA_INDEXES),
			quotaHolds: collection<QuotaHold>("coupon_holds", QUOTA_HOLD_INDEXES)
		}),
		keyValueMixin,
		scheduleMixin<CouponsContext>({
			name: "unfinished claims of coupons",
			every: "promotions.sweepEvery",
			async run() {
				const before = new Date(Date.now() - STALE_MS);
				await sweepQuotas(this, before);
				await sweepClaims(this, before);
			}
		})
	],

	actions: {
		exportPersonalData: {
			async handler({ params: { userId } }) {
				const found = await this.coupons.find({ userId }, { sort: { _id: -1 } });
				const now = new Date();
				return { coupons: found.map(coupon => domain.toCouponView(coupon, now)) };
			}
		},
		forQuote: {
			async handler({ params: { userId, code, offer } }) {
				const now = new Date();
				const [coupon, offered] = await Promise.all([
					code === undefined ? null : this.coupons.findOne({ _id: code, userId }),
					offer
						? this.coupons.find(
								{ userId, status: "unused" },
								{ sort: { _id: -1 }, limit: MAX_OFFERED }
							)
						: []
				]);
				return {
					coupon: coupon && domain.toTerms(coupon, now),
					offered: offered.filter(c => c.validTo > now).map(c => domain.toTerms(c, now))
				};
			}
		},
		use: {
			async handler({ params }) {
				await useCoupon(this, params);
				return null;
			}
		},
		giveBack: {
			async handler({ params: { orderId, couponId } }) {
				await giveBackCoupon(this, couponId, orderId);
				return null;
			}
		},

		list: {
			async handler(ctx) {
				const page = await this.templates.page({}, ctx.params);
				return { ...page, items: await withUses(this, page.items, domain.toTemplateView) };
			}
		},
		get: {
			async handler({ params: { id } }) {
				return view(this, await this.templates.get(id));
			}
		},
		create: {
			async handler(ctx) {
				const template = domain.createTemplate(ulid(), ctx.params, new Date());
				return view(this, await storeTemplate(this, ctx, template));
			}
		},
		edit: {
			async handler(ctx) {
				return view(this, await editTemplate(this, ctx, ctx.params));
			}
		},
		remove: {
			async handler({ params: { id } }) {
				await this.templates.get(id);
				if (await this.coupons.findOne({ templateId: id }, { fields: ["_id"] }))
					throw new Refusal("IN_USE", "Coupons of it were claimed", { id });
				await this.templates.remove({ _id: id });
				return null;
			}
		},
		grant: {
			async handler({ params: { id, userIds } }) {
				const refused = await grantCoupons(this, await this.templates.get(id), userIds);
				return { granted: userIds.length - refused.length, refused };
			}
		},
		codes: {
			async handler({ params: { id, count } }) {
				const template = await this.templates.get(id);
				const [used = 0] = await withUses(this, [template], (_, taken) => taken);
				if (used + count > template.total) throw unavailable(id, "SOLD_OUT");
				const codes: string[] = [];
				while (codes.length < count) codes.push((await issueCoupon(this, template, null))._id);
				return codes;
			}
		},
		stats: {
			async handler({ params: { id } }) {
				await this.templates.get(id);
				const [claimed, used] = await Promise.all([
					this.coupons.count({ templateId: id, status: { $in: ["unused", "used"] } }),
					this.coupons.find({ templateId: id, status: "used" }, { fields: ["discount"] })
				]);
				const discountTotal = used.reduce((sum, { discount = 0 }) => sum + discount, 0);
				return { claimed, used: used.length, discountTotal };
			}
		},
		claimable: {
			handler(ctx) {
				return listClaimable(this, ctx, ctx.params);
			}
		},
		claim: {
			async handler(ctx) {
				const template = await this.templates.get(ctx.params.id, { public: true });
				const coupon = await claimCoupon(this, ctx, template, requireUserId(ctx));
				return domain.toCouponView(coupon, new Date());
			}
		},
		redeem: {
			async handler(ctx) {
				const coupon = await redeemCode(this, requireUserId(ctx), ctx.params.code);
				return domain.toCouponView(coupon, new Date());
			}
		},
		mine: {
			async handler(ctx) {
				const { status, ...paging } = ctx.params;
				const now = new Date();
				const where: Where<domain.Coupon> = {
					userId: requireUserId(ctx),
					status:
						status === undefined
							? { $in: ["unused", "used"] }
							: status === "used"
								? "used"
								: "unused",
					...(status === "unused" && { validTo: { $gt: now } }),
					...(status === "expired" && { validTo: { $lte: now } })
				};
				const page = await this.coupons.page(where, paging);
				return { ...page, items: page.items.map(coupon => domain.toCouponView(coupon, now)) };
			}
		},
		import: {
			async handler(ctx) {
				for (const { id, ...given } of ctx.params.templates)
					if (!(await this.templates.findOne({ _id: id }, { fields: ["_id"] })))
						await ignoreDuplicate(
							storeTemplate(this, ctx, domain.createTemplate(id, given, new Date()))
						);
				return null;
			}
		}
	},

	events: {
		// Used coupons stay, for the books of their orders.
		async "user.closed"(ctx) {
			const now = new Date();
			await this.coupons.changeMany(
				{ userId: ctx.params.userId, status: "unused", validTo: { $gt: now } },
				{ $set: { validTo: now, updatedAt: now } }
			);
		},
		async "order.cancelled"(ctx) {
			await giveBackCouponOf(this, ctx.params.orderId);
		},
		async "order.refunded"(ctx) {
			if (ctx.params.restock) await giveBackCouponOf(this, ctx.params.orderId);
		}
	}
});

async function view(context: CouponsContext, template: domain.Template) {
	const [seen] = await withUses(context, [template], domain.toTemplateView);
	if (!seen) throw notFound("coupon_template", template._id);
	return seen;
}
