import { invalid } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import { checkAttributes } from "./attribute-rules.domain";
import type { Content } from "./product.domain";

type References = {
	readonly brandId?: string | null | undefined;
	readonly tagIds?: readonly string[] | undefined;
	readonly shippingRuleId?: string | null | undefined;
};

/** Refuses a brand, tag or shipping rule that does not exist. */
export async function checkReferences(
	ctx: Ctx<object>,
	{ brandId, tagIds = [], shippingRuleId }: References
): Promise<void> {
	if (typeof brandId === "string" && !(await call(ctx, "brands.exists", { id: brandId })))
		throw invalid("brandId", "noBrand");
	if (typeof shippingRuleId === "string" && !(await call(ctx, "shipping.hasRule", { id: shippingRuleId })))
		throw invalid("shippingRuleId", "noShippingRule");
	if (tagIds.length === 0) return;
	const existing = await call(ctx, "tags.existing", { ids: tagIds });
	const unknown = tagIds.findIndex(id => !existing.includes(id));
	if (unknown >= 0) throw invalid(`tagIds[${unknown}]`, "noTag");
}

type Attributed = Pick<Content, "attributes" | "skus" | "categoryPath">;

/**
 * Refuses attributes that break the declarations of the category. After an edit of `before` only new faults are refused;
 * `skuId` names the SKU if the caller sent one SKU alone.
 */
export async function checkDeclaredAttributes(
	ctx: Ctx<object>,
	after: Attributed,
	{ before, skuId }: { readonly before?: Attributed; readonly skuId?: string | undefined } = {}
): Promise<void> {
	const fetchDeclared = ({ categoryPath: path }: Attributed) =>
		call(ctx, "attributes.applicable", { path });
	const declared = await fetchDeclared(after);
	if (!before) return checkAttributes({ ...after, declared });
	const sameCategory = before.categoryPath.join() === after.categoryPath.join();
	const declaredBefore = sameCategory ? declared : await fetchDeclared(before);
	return checkAttributes(
		{ ...after, declared },
		{ before: { ...before, declared: declaredBefore }, skuId }
	);
}
