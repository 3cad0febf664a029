import { setImmediate as yieldToOthers } from "node:timers/promises";
import { ulid } from "ulid";
import { KeyedMutex } from "../../mixins/platform";
import { setQuotaLimit } from "../../mixins/quotas";
import { invalidFields, isRefusal, Refusal, type FieldFault } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import type { NewPromotion, PromotionPatch } from "../../schemas/promotions.contract";
import { call, fact } from "../../schemas/registry";
import { stockQuotaOf } from "./current-promotions";
import * as domain from "./promotion.domain";
import type { PromotionsContext } from "./promotions.context";
import type { Gift } from "./rule.domain";
import type { Scope } from "./scope.domain";

type Writing = Pick<PromotionsContext, "promotions" | "cache" | "quotas">;

/** Edits run one after the other in this process, so that two flash sales with a SKU in common see each other. */
const edits = new KeyedMutex();

/** Stores a new promotion, in force for every process within half a second. */
export function addPromotion(
	context: Writing,
	ctx: Ctx<unknown>,
	given: NewPromotion,
	id = ulid()
): Promise<domain.Promotion> {
	return edits.runExclusive(context, "promotions", async () => {
		const promotion = domain.createPromotion(id, given, new Date());
		await checkPromotion(context, ctx, promotion);
		await setQuotaLimit(context, stockQuotaOf(id), promotion.stock);
		const changed = fact("promotion.changed", { promotionId: id, version: 1 });
		await context.promotions.insert(promotion, changed);
		await refuseLateRival(context, promotion, () => removePromotion(context, id));
		await context.cache.clean("current");
		return promotion;
	});
}

/** Changes a promotion. Orders that were priced before keep its former terms. */
export function editPromotion(
	context: Writing,
	ctx: Ctx<unknown>,
	id: string,
	patch: PromotionPatch
): Promise<domain.Promotion> {
	return edits.runExclusive(context, "promotions", async () => {
		const before = await getPromotion(context, id);
		const after = domain.patchPromotion(before, patch, new Date());
		await checkPromotion(context, ctx, after);
		// A lower limit is set before the promotion shows it, a higher one after, so that no more is sold than it ever showed.
		const lowered = (after.stock ?? Infinity) < (before.stock ?? Infinity);
		if (lowered) await limitStock(context, after);
		const { _id, ...fields } = after;
		const changed = fact("promotion.changed", { promotionId: id, version: after.version });
		const stored = await context.promotions.change(
			{ _id, version: before.version, removed: false },
			{ $set: fields },
			[changed]
		);
		if (!stored) throw new Refusal("VERSION_CONFLICT", "Someone else changed the promotion", { id });
		if (!lowered) await limitStock(context, after);
		await refuseLateRival(context, stored, () => putBack(context, before, stored));
		await context.cache.clean("current");
		return stored;
	});
}

/** Ends a promotion and takes it off the lists. */
export async function removePromotion(context: Writing, id: string): Promise<void> {
	const { version } = await getPromotion(context, id);
	await context.promotions.change(
		{ _id: id, removed: false },
		{ $set: { removed: true, enabled: false, updatedAt: new Date() }, $inc: { version: 1 } },
		[fact("promotion.changed", { promotionId: id, version: version + 1 })]
	);
	await context.cache.clean("current");
}

export const getPromotion = (
	{ promotions }: Pick<PromotionsContext, "promotions">,
	id: string
): Promise<domain.Promotion> => promotions.get(id, { removed: false });

async function limitStock(context: Writing, { _id, stock }: domain.Promotion): Promise<void> {
	const used = await setQuotaLimit(context, stockQuotaOf(_id), stock);
	if (used !== null) throw invalidFields([{ field: "stock", type: "numberMin", expected: used }]);
}

/** Refuses a promotion with faults of its fields, with ids that the catalogue does not know, and a rival flash sale. */
export async function checkPromotion(
	context: Pick<PromotionsContext, "promotions">,
	ctx: Ctx<unknown>,
	promotion: domain.Promotion
): Promise<void> {
	const faults = [
		...domain.findFaults(promotion),
		...(await findUnknownIds(ctx, promotion.scope, promotion.gift)),
		...(await findUnknownLevels(ctx, promotion.audience?.levelIds))
	];
	if (faults.length) throw invalidFields(faults);
	await refuseRival(context, promotion);
}

/** Refuses a flash sale with DUPLICATE while another one has a SKU of it at that time. */
async function refuseRival(
	context: Pick<PromotionsContext, "promotions">,
	promotion: domain.Promotion
): Promise<void> {
	if (promotion.type !== "flash_sale") return;
	const others = await context.promotions.find({
		enabled: true,
		removed: false,
		endsAt: { $gt: promotion.startsAt }
	});
	const rival = domain.findRivalFlashSale(promotion, others);
	if (rival)
		throw new Refusal("DUPLICATE", "Another flash sale has a SKU at that time", {
			field: "scope.skuIds",
			...rival
		});
}

/**
 * Looks for a rival once more after the promotion was written, and undoes the write where there is one: of two that processes
 * save in the same instant at least one sees the other. Both may be refused then.
 */
async function refuseLateRival(
	context: Writing,
	promotion: domain.Promotion,
	undo: () => Promise<unknown>
): Promise<void> {
	try {
		await refuseRival(context, promotion);
	} catch (err) {
		await undo();
		throw err;
	}
}

/** Puts a promotion back as it was before an edit, unless it was edited again. */
async function putBack(context: Writing, before: domain.Promotion, edited: domain.Promotion): Promise<void> {
	const { _id, ...fields } = before;
	const version = edited.version + 1;
	await context.promotions.change(
		{ _id, version: edited.version },
		{ $set: { ...fields, version, updatedAt: new Date() } },
		[fact("promotion.changed", { promotionId: _id, version })]
	);
	await setQuotaLimit(context, stockQuotaOf(_id), before.stock);
	await context.cache.clean("current");
}

/** Ids of SKUs or products in one call, so that none of them holds up others. */
const IDS_A_CALL = 100;
/** Calls that are made one after the other before others are served. */
const CALLS_AT_ONCE = 20;

function* slice<V>(items: readonly V[], size: number): Generator<readonly V[]> {
	for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

type UnknownId = {
	readonly field: string;
	readonly type: "noCategory" | "noBrand" | "noProduct" | "noSku";
};
const UNKNOWN = {
	categoryIds: "noCategory",
	brandIds: "noBrand",
	productIds: "noProduct",
	skuIds: "noSku"
} as const;

/** Ids of a scope, and the SKU of a gift, that the catalogue does not know. */
export async function findUnknownIds(
	ctx: Ctx<unknown>,
	scope: Scope,
	gift: Gift | null = null
): Promise<UnknownId[]> {
	const named = [
		...domain.listScopeIds(scope),
		...(gift ? [{ kind: "skuIds" as const, id: gift.skuId, field: "gift.skuId" }] : [])
	];
	const idsOf = (kind: keyof typeof UNKNOWN) => [
		...new Set(named.filter(entry => entry.kind === kind).map(({ id }) => id))
	];
	const known = new Set<string | null>();
	for (const skuIds of slice(idsOf("skuIds"), IDS_A_CALL)) {
		for (const { skuId } of await call(ctx, "products.skus", { skuIds })) known.add(skuId);
		await yieldToOthers();
	}
	for (const productIds of slice(idsOf("productIds"), IDS_A_CALL)) {
		for (const { productId } of await call(ctx, "products.goods", { productIds })) known.add(productId);
		await yieldToOthers();
	}
	for (const ids of slice(idsOf("categoryIds"), CALLS_AT_ONCE)) {
		for (const id of await Promise.all(ids.map(id => existsCategory(ctx, id)))) known.add(id);
		await yieldToOthers();
	}
	for (const ids of slice(idsOf("brandIds"), CALLS_AT_ONCE)) {
		const exist = await Promise.all(ids.map(id => call(ctx, "brands.exists", { id })));
		for (const [n, id] of ids.entries()) if (exist[n]) known.add(id);
		await yieldToOthers();
	}
	return named
		.filter(({ id }) => !known.has(id))
		.map(({ kind, field }) => ({ field, type: UNKNOWN[kind] }));
}

async function findUnknownLevels(ctx: Ctx<unknown>, levelIds: readonly string[] = []): Promise<FieldFault[]> {
	if (!levelIds.length) return [];
	const known = await call(ctx, "members.knownLevels", { levelIds });
	return levelIds.flatMap((id, i) =>
		known.includes(id) ? [] : [{ field: `audience.levelIds[${i}]`, type: "noLevel" as const }]
	);
}

async function existsCategory(ctx: Ctx<unknown>, id: string): Promise<string | null> {
	return call(ctx, "categories.paths", { id }).then(
		() => id,
		(err: unknown) => {
			if (isRefusal(err, "NOT_FOUND")) return null;
			throw err;
		}
	);
}
