import type { AttributeFilter, AttributeView } from "../../schemas/attributes.contract";

/** Name and category (null: all categories) by which products have an attribute; categories below are included. */
export type Scope = Pick<AttributeView, "name" | "categoryId">;

export type Attribute = Omit<AttributeView, "id" | "createdAt" | "updatedAt"> & {
	readonly _id: string;
	/** Scopes that the attribute had before an edit and in which products still had it at the time of the edit. */
	readonly formerScopes?: readonly Scope[];
	readonly createdAt: Date;
	readonly updatedAt: Date;
};

export type AttributePatch = {
	readonly [K in keyof Omit<AttributeView, "id" | "createdAt" | "updatedAt">]?:
		AttributeView[K] | undefined;
};

/** All scopes in which products may have the attribute: the present one first, each once. */
export function scopesOf({ name, categoryId, formerScopes = [] }: Attribute): Scope[] {
	const former = formerScopes.filter(scope => scope.name !== name || scope.categoryId !== categoryId);
	return [{ name, categoryId }, ...former];
}

/** Tells whether the patch gives the attribute another scope. */
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

export const toFilter = ({
	_id: id,
	name,
	kind,
	input,
	values,
	unit,
	facet
}: Attribute): AttributeFilter => ({
	id,
	name,
	kind,
	input,
	values,
	unit,
	facet
});
