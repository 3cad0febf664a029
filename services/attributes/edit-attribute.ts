import type { Ctx } from "../../schemas/kit/service";
import { call, fact } from "../../schemas/registry";
import { changesScope, scopesOf, type Attribute, type AttributePatch, type Scope } from "./attribute.domain";
import type { AttributesContext } from "./attributes.context";

/**
 * Edits an attribute. Products store attributes by name, so an attribute that is renamed or moved keeps the former scopes in
 * which products have it; otherwise it could be removed under them.
 */
export function editAttribute(
	{ attributes }: AttributesContext,
	ctx: Ctx<object>,
	id: string,
	patch: AttributePatch
): Promise<Attribute> {
	const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
	return attributes.rewrite(id, async attribute => {
		const { name, categoryId } = attribute;
		const former = changesScope(attribute, patch) && {
			formerScopes: await findScopesInUse(ctx, scopesOf(attribute))
		};
		const update = { $set: { ...given, ...former, updatedAt: new Date() } };
		return {
			guard: { name, categoryId },
			update,
			facts: [fact("attribute.changed", { attributeId: id })]
		};
	});
}

/** Tells whether a product has the attribute, in its present scope or in a former one. */
export const isAttributeInUse = async (ctx: Ctx<object>, attribute: Attribute): Promise<boolean> =>
	(await findScopesInUse(ctx, scopesOf(attribute))).length > 0;

async function findScopesInUse(ctx: Ctx<object>, scopes: readonly Scope[]): Promise<Scope[]> {
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
