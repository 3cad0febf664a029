import { ulid } from "ulid";
import { keyValueMixin } from "../../mixins/key-value.mixin";
import {
	QUOTA_HOLD_INDEXES,
	QUOTA_INDEXES,
	readQuotas,
	setQuotaLimit,
	sweepQuotas,
	type Quota,
	type QuotaHold
} from "../../mixins/quotas";
import { scheduleMixin } from "../../mixins/schedule.mixin";
import { collection, ignoreDuplicate, storeMixin, type Where } from "../../mixins/store.mixin";
import { coupons } from "../../schemas/coupons.contract";
import { invalidFields, invalidState, notFound, Refusal } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call, service } from "../../schemas/registry";
import { settings } from "../../settings";
import { claimCoupon, grantCoupons, issueCoupon, redeemCode, sweepClaims, userQuotaOf } from "./claim-coupon";
import * as domain from "./coupon.domain";
import type { CouponsContext } from "./coupons.context";
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
				const { id, ...patch } = ctx.params;
				const before = await this.templates.get(id);
				const [claimed] = await withUses(this, [before], (_, used) => used);
				if (claimed && domain.changesClaimedTerms(patch))
					throw invalidState("Coupons of it were claimed", {
						id,
						state: "claimed",
						allowed: domain.FREE_FIELDS
					});
				const after = domain.patchTemplate(before, patch, new Date());
				await checkTemplate(ctx, after);
				const used = await setQuotaLimit(this, id, after.total);
				if (used !== null)
					throw invalidFields([{ field: "total", type: "numberMin", expected: used }]);
				const { _id, ...$set } = after;
				const stored = await this.templates.change({ _id, version: before.version }, { $set });
				if (!stored)
					throw new Refusal("VERSION_CONFLICT", "Someone else changed the template", { id });
				return view(this, stored);
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
			async handler(ctx) {
				const { productId, page = 1, pageSize = 20 } = ctx.params;
				const now = new Date();
				const open = await this.templates.find(
					{ public: true, claimTo: { $gt: now } },
					{ sort: { claimTo: 1 }, limit: 500 }
				);
				const [goods] =
					productId === undefined
						? []
						: await call(ctx, "products.goods", { productIds: [productId] });
				const inScope = open.filter(
					template =>
						template.claimFrom <= now &&
						(productId === undefined || (goods !== undefined && namesProduct(template, goods)))
				);
				const userId = ctx.meta.user?.id;
				const shown = inScope.slice((page - 1) * pageSize, page * pageSize);
				const mine = userId === undefined ? [] : shown.map(({ _id }) => userQuotaOf(_id, userId));
				const claimed = await readQuotas(this, mine);
				const items = await withUses(this, shown, (template, used) => ({
					...domain.toClaimable(template, used),
					claimed:
						userId === undefined ? 0 : (claimed.get(userQuotaOf(template._id, userId))?.used ?? 0)
				}));
				return { items, page, pageSize, total: inScope.length };
			}
		},
		claim: {
			async handler(ctx) {
				const template = await this.templates.get(ctx.params.id, { public: true });
				const coupon = await claimCoupon(this, ctx, template, getUserId(ctx));
				return domain.toCouponView(coupon, new Date());
			}
		},
		redeem: {
			async handler(ctx) {
				const coupon = await redeemCode(this, getUserId(ctx), ctx.params.code);
				return domain.toCouponView(coupon, new Date());
			}
		},
		mine: {
			async handler(ctx) {
				const { status, ...paging } = ctx.params;
				const now = new Date();
				const where: Where<domain.Coupon> = {
					userId: getUserId(ctx),
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

function getUserId(ctx: Ctx<unknown>): string {
	const { user } = ctx.meta;
	if (!user) throw new Refusal("UNAUTHORIZED", "Only for the signed-in");
	return user.id;
}

/** Refuses a template with faults of its fields, or a scope with ids that the catalogue does not know. */
async function checkTemplate(ctx: Ctx<unknown>, template: domain.Template): Promise<void> {
	const { scope } = template;
	const faults = [
		...domain.findFaults(template),
		...(await call(ctx, "promotions.scopeFaults", { scope }))
	];
	if (faults.length) throw invalidFields(faults);
}

async function storeTemplate(
	context: CouponsContext,
	ctx: Ctx<unknown>,
	template: domain.Template
): Promise<domain.Template> {
	await checkTemplate(ctx, template);
	await setQuotaLimit(context, template._id, template.total);
	return context.templates.insert(template);
}

async function withUses<V>(
	context: CouponsContext,
	found: readonly domain.Template[],
	toSeen: (template: domain.Template, used: number) => V
): Promise<V[]> {
	const quotas = await readQuotas(
		context,
		found.map(({ _id }) => _id)
	);
	return found.map(template => toSeen(template, quotas.get(template._id)?.used ?? 0));
}

async function view(context: CouponsContext, template: domain.Template) {
	const [seen] = await withUses(context, [template], domain.toTemplateView);
	if (!seen) throw notFound("coupon_template", template._id);
	return seen;
}

type Goods = {
	readonly productId: string;
	readonly categoryIds: readonly string[];
	readonly brandId: string | null;
	readonly skuIds: readonly string[];
};
/** Whether the scope may cover a SKU of the product; what `not` takes out is decided when a cart is priced. */
const namesProduct = ({ scope }: domain.Template, goods: Goods): boolean =>
	scope.all === true ||
	scope.productIds?.includes(goods.productId) === true ||
	(goods.brandId !== null && scope.brandIds?.includes(goods.brandId) === true) ||
	goods.categoryIds.some(id => scope.categoryIds?.includes(id)) ||
	goods.skuIds.some(id => scope.skuIds?.includes(id));
