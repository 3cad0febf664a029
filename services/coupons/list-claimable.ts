import { readQuotas } from "../../mixins/quotas";
import type { AnswerOf } from "../../schemas/kit/contract";
import type { Ctx } from "../../schemas/kit/service";
import type { coupons as contract } from "../../schemas/coupons.contract";
import { call } from "../../schemas/registry";
import { userQuotaOf } from "./claim-coupon";
import { isInAudience, toClaimable, type Template } from "./coupon.domain";
import type { CouponsContext } from "./coupons.context";
import { withUses } from "./read-uses";

type Asked = {
	readonly productId?: string | undefined;
	readonly page?: number | undefined;
	readonly pageSize?: number | undefined;
};
type Claimable = AnswerOf<(typeof contract)["actions"]["claimable"]>;

/** A page of the public templates that the caller may claim now, the first to end first; those that have run out too. */
export async function listClaimable(
	context: CouponsContext,
	ctx: Ctx<unknown>,
	{ productId, page = 1, pageSize = 20 }: Asked
): Promise<Claimable> {
	const now = new Date();
	const open = await context.templates.find(
		{ public: true, claimTo: { $gt: now } },
		{ sort: { claimTo: 1 }, limit: 500 }
	);
	const [goods] =
		productId === undefined ? [] : await call(ctx, "products.goods", { productIds: [productId] });
	const inScope = open.filter(
		template =>
			template.claimFrom <= now &&
			(productId === undefined || (goods !== undefined && namesProduct(template, goods)))
	);
	const userId = ctx.meta.user?.id;
	const found = await selectForCaller(ctx, inScope, userId);
	const shown = found.slice((page - 1) * pageSize, page * pageSize);
	const mine = userId === undefined ? [] : shown.map(({ _id }) => userQuotaOf(_id, userId));
	const claimed = await readQuotas(context, mine);
	const items = await withUses(context, shown, (template, used) => ({
		...toClaimable(template, used),
		claimed: userId === undefined ? 0 : (claimed.get(userQuotaOf(template._id, userId))?.used ?? 0)
	}));
	return { items, page, pageSize, total: found.length };
}

/** Leaves out templates for an audience that the caller is not in; a guest is in none. */
async function selectForCaller(
	ctx: Ctx<unknown>,
	templates: readonly Template[],
	userId: string | undefined
): Promise<readonly Template[]> {
	if (!templates.some(({ audience }) => audience)) return templates;
	if (userId === undefined) return templates.filter(({ audience }) => !audience);
	const buyer = await call(ctx, "members.standing", { userId, skuIds: [] });
	return templates.filter(template => isInAudience(template, buyer));
}

type Goods = {
	readonly productId: string;
	readonly categoryIds: readonly string[];
	readonly brandId: string | null;
	readonly skuIds: readonly string[];
};
/** Whether the scope may cover a SKU of the product; what `not` takes out is decided when a cart is priced. */
const namesProduct = ({ scope }: Template, goods: Goods): boolean =>
	scope.all === true ||
	scope.productIds?.includes(goods.productId) === true ||
	(goods.brandId !== null && scope.brandIds?.includes(goods.brandId) === true) ||
	goods.categoryIds.some(id => scope.categoryIds?.includes(id)) ||
	goods.skuIds.some(id => scope.skuIds?.includes(id));
