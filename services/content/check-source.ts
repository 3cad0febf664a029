import { invalidFields, isRefusal, type FieldFault } from "../../schemas/errors/errors";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import type { Section } from "./entry.domain";

/** Refuses a section that lacks what its kind shows, and ids that do not exist. */
export async function checkSource(ctx: Ctx<unknown>, section: Section): Promise<void> {
	const { kind, categoryId, promotionId, productIds } = section;
	const faults: FieldFault[] = [];
	if (kind === "category" && categoryId === null) faults.push({ field: "categoryId", type: "required" });
	if (kind === "promotion" && promotionId === null) faults.push({ field: "promotionId", type: "required" });
	if (kind === "products" && !productIds.length) faults.push({ field: "productIds", type: "required" });
	if (categoryId !== null && !(await exists(call(ctx, "categories.get", { id: categoryId }))))
		faults.push({ field: "categoryId", type: "noCategory" });
	if (promotionId !== null && !(await exists(call(ctx, "promotions.get", { id: promotionId }))))
		faults.push({ field: "promotionId", type: "noPromotion" });
	if (productIds.length) {
		const known = await call(ctx, "products.goods", { productIds });
		for (const [i, id] of productIds.entries())
			if (!known.some(({ productId }) => productId === id))
				faults.push({ field: `productIds[${i}]`, type: "noProduct" });
	}
	if (faults.length) throw invalidFields(faults);
}

async function exists(found: Promise<unknown>): Promise<boolean> {
	try {
		await found;
		return true;
	} catch (err) {
		if (isRefusal(err, "NOT_FOUND")) return false;
		throw err;
	}
}
