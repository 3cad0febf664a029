import type { Store } from "../../mixins/store.mixin";
import type { Ctx } from "../../schemas/kit/service";
import { call } from "../../schemas/registry";
import { fold } from "../../schemas/text";
import { changesScope, scopesOf, type Attribute, type AttributePatch, type Scope } from "./attribute.domain";

/** Changes an attribute. One that products have stays in use by them when it is renamed or moved. */
export function editAttribute(
	{ attributes }: { readonly attributes: Store<Attribute> },
	ctx: Ctx<object>,
	id: string,
	patch: AttributePatch
): Promise<Attribute> {
	const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
	return attributes.rewrite(id, async attribute => {
		const { name, categoryId } = attribute;
		const former = changesScope(attribute, patch) && {
			formerScopes: await scopesInUse(ctx, scopesOf(attribute))
		};
		const named = patch.name !== undefined && patch.name !== name && { nameKey: fold(patch.name) };
		const update = { $set: { ...given, ...named, ...former, updatedAt: new Date() } };
		return { guard: { name, categoryId }, update };
	});
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
