import type { Store } from "../../mixins/store.mixin";
import { Refusal } from "../../schemas/errors";
import type { Ctx } from "../../schemas/kit";
import { call } from "../../schemas/registry";
import { changesScope, scopesOf, type Attribute, type AttributePatch, type Scope } from "./attribute.domain";

/** Far more than there can be rivals for so rare a write. */
const ATTEMPTS = 100;

/** Changes an attribute. One that products have stays in use by them when it is renamed or moved. */
export async function editAttribute(
	{ attributes }: { readonly attributes: Store<Attribute> },
	ctx: Ctx<object>,
	id: string,
	patch: AttributePatch
): Promise<Attribute> {
	const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
	for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
		const attribute = await attributes.get(id);
		const { name, categoryId } = attribute;
		const former = changesScope(attribute, patch) && {
			formerScopes: await scopesInUse(ctx, scopesOf(attribute))
		};
		const update = { $set: { ...given, ...former, updatedAt: new Date() } };
		const changed = await attributes.change({ _id: id, name, categoryId }, update);
		if (changed) return changed;
	}
	throw new Refusal("SERVICE_UNAVAILABLE", "Too many write to this attribute at once", { id });
}

/** Whether a product has the attribute, under the name and in the category of now or of before. */
export const isInUse = async (ctx: Ctx<object>, attribute: Attribute): Promise<boolean> =>
	(await scopesInUse(ctx, scopesOf(attribute))).length > 0;

async function scopesInUse(ctx: Ctx<object>, scopes: readonly Scope[]): Promise<Scope[]> {
	const used = await Promise.all(
		scopes.map(({ name, categoryId }) =>
			call(ctx, "products.uses", {
				attribute: name,
				...(categoryId !== null && { categoryId })
			})
		)
	);
	return scopes.filter((_, i) => used[i]);
}
