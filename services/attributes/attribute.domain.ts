import type { AttributeView } from "../../schemas/attributes.contract";

/** Under which name, and in which category with those under it (null: in all), products are given an attribute. */
export type Scope = Pick<AttributeView, "name" | "categoryId">;

export type Attribute = Omit<AttributeView, "id" | "createdAt" | "updatedAt"> & {
	readonly _id: string;
	/** The name folded; unique among the attributes of the category, or of those of none. */
	readonly nameKey: string;
	/** Scopes from before it was renamed or moved that products still had it in: products store attributes by name. */
	readonly formerScopes?: readonly Scope[];
	readonly createdAt: Date;
	readonly updatedAt: Date;
};

export type AttributePatch = {
	readonly [K in keyof Omit<AttributeView, "id" | "createdAt" | "updatedAt">]?:
		AttributeView[K] | undefined;
};

/** Every scope in which products may have the attribute, each once. */
export function scopesOf({ name, categoryId, formerScopes = [] }: Attribute): Scope[] {
	const former = formerScopes.filter(scope => scope.name !== name || scope.categoryId !== categoryId);
	return [{ name, categoryId }, ...former];
}

/** Whether the patch gives the attribute another scope. */
export const changesScope = (attribute: Attribute, { name, categoryId }: AttributePatch): boolean =>
	(name !== undefined && name !== attribute.name) ||
	(categoryId !== undefined && categoryId !== attribute.categoryId);

export const view = ({ _id, createdAt, updatedAt, ...declared }: Attribute): AttributeView => ({
	id: _id,
	name: declared.name,
	categoryId: declared.categoryId,
	kind: declared.kind,
	input: declared.input,
	values: declared.values,
	unit: declared.unit,
	required: declared.required,
	facet: declared.facet,
	createdAt: createdAt.toISOString(),
	updatedAt: updatedAt.toISOString()
});
